#pragma once

#include <poll.h>

#include "retry.h"

namespace bsd_sockets {

// Waits until any of the entries is ready: how many are, 0 when the time is over, or a negative
// errno.
int WaitForAny(Environment& environment, pollfd* entries, nfds_t count, const Deadline& deadline);

// While signals are to end waits: -EINTR if one has come that nobody has taken, which only the
// error that JavaScript makes of it does; else 0.
[[gnu::cold]] int Interrupted(Environment& environment);

}  // namespace bsd_sockets
