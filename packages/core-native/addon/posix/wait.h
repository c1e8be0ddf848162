#pragma once

#include <poll.h>

#include "retry.h"

namespace bsd_sockets {

// Waits until any of the entries is ready: how many are, 0 when the time is over, or a negative
// errno.
int WaitForAny(Environment& environment, pollfd* entries, nfds_t count, const Deadline& deadline);

// Before a call without flags that is waited for here: whoever shares the socket may have made it
// blocking (`KernelFlags()` is for calls with flags).
void KeepNonblocking(Environment& environment, Descriptor fd, double timeout);

// While signals are to end waits: -EINTR if one has come that nobody has taken, which only the
// error that JavaScript makes of it does; else 0.
[[gnu::cold]] int Interrupted(Environment& environment);

}  // namespace bsd_sockets
