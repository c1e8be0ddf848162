#pragma once

#include <sys/socket.h>

#include "binding.h"

// Sending and receiving. All arguments but the bytes are in the call block.

namespace bsd_sockets {

// These flags say "do not wait": a timeout does not apply.
#ifdef MSG_ERRQUEUE
constexpr int kNoWait = MSG_DONTWAIT | MSG_ERRQUEUE;
#else
constexpr int kNoWait = MSG_DONTWAIT;
#endif

// The flags as the kernel gets them. A descriptor that is non-blocking underneath may be made
// blocking by whoever shares the socket, such as a child process that has it as its standard input.
inline int KernelFlags(const Environment& environment, int flags, double timeout) {
  const bool waits_here = timeout >= 0 || environment.interruptible() || environment.signals;
  return waits_here ? flags | MSG_DONTWAIT : flags;
}

Stored Send(Environment& environment, Bytes data);
Stored SendAll(Environment& environment, Bytes data);
Stored Receive(Environment& environment, Bytes buffer);

// The same with memory whose address is known: a short message in the call block, or what was
// handed over last.
Stored SendKnown(Environment& environment);
Stored SendAllKnown(Environment& environment);
Stored ReceiveKnown(Environment& environment);

}  // namespace bsd_sockets
