#pragma once

#include "binding.h"

// Sending and receiving. All arguments but the bytes are in the call block.

namespace bsd_sockets {

Stored Send(Environment& environment, Bytes data);
Stored SendAll(Environment& environment, Bytes data);
Stored Receive(Environment& environment, Bytes buffer);

// The same with memory whose address is known: a short message in the call block, or what was
// handed over last.
Stored SendKnown(Environment& environment);
Stored SendAllKnown(Environment& environment);
Stored ReceiveKnown(Environment& environment);

}  // namespace bsd_sockets
