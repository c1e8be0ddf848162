#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "environment.h"

// MSG_WAITALL, which the kernel heeds only on a descriptor that is blocking underneath, and until a
// signal comes. What is received, and how, is in the call block.

namespace bsd_sockets {

// Whether the rest is due of what a receive has got a part of.
[[gnu::cold]] bool WaitsForAll(Environment& environment);

// Receives the rest of a message of which `received` bytes came, as `header` tells, where it is
// due: how many there are then. The timeout that the kernel has is for the whole call, which began
// at `begin`; an error is left to the next one. The message has the sender of the first part, and
// ends with the first control data, for which there is room for `room` bytes.
[[gnu::cold]] int64_t ReceiveRest(Environment& environment, msghdr* header, size_t room,
                                  int64_t begin, int64_t received);

}  // namespace bsd_sockets
