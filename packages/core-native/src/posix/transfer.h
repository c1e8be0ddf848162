#pragma once

#include "binding.h"

// Sending and receiving. All arguments but the bytes are in the call block.

namespace bsd_sockets {

int64_t Send(Environment& environment, Bytes data);
int64_t SendAll(Environment& environment, Bytes data);
int64_t Receive(Environment& environment, Bytes buffer);

}  // namespace bsd_sockets
