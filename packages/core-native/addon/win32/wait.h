#pragma once

#include "retry.h"
#include "win32/winsock.h"

namespace bsd_sockets {

// What WSAPoll has for kReadable and kWritable, and back. What is broken is ready for both.
short PollEvents(int ready);
int ReadyOf(short revents);

// Waits until any of the entries is ready: how many are, 0 when the time is over, or a negative
// errno. An entry whose descriptor is negative counts for nothing.
int WaitForAny(Environment& environment, WSAPOLLFD* entries, size_t count,
               const Deadline& deadline);

// Waits until a connect has ended, well or badly: 0, or as WaitFor().
int WaitForConnect(Environment& environment, Descriptor fd, const Deadline& deadline);

// Whether a connect has failed. An older WSAPoll than that of Windows 10 2004 does not tell of it.
bool HasFailedToConnect(Descriptor fd);

}  // namespace bsd_sockets
