#pragma once

#include "environment.h"
#include "event_set.h"
#include "win32/winsock.h"

// What the sets of promises have to know of a socket. Windows tells a state, not a change: a set is
// told what a call has met, and tells of it once it is over.

namespace bsd_sockets {

// A call has found a socket not ready for this, or has taken all that there was.
void Rearm(Environment& environment, Descriptor fd, Ready events);

// Other descriptors, here or in another process, stand for the same socket from now on.
void NoteDuplicate(Descriptor fd);
// The descriptor is about to be closed.
void ForgetDuplicate(Descriptor fd);

// The result of a call of Winsock, at least 0: less for a failure, of which the sets are told where
// it would block. WSAGetLastError() stays.
template <typename Result>
Result Tried(Environment& environment, Descriptor fd, Ready events, Result result) {
  if (result < 0 && WSAGetLastError() == WSAEWOULDBLOCK) {
    Rearm(environment, fd, events);
    WSASetLastError(WSAEWOULDBLOCK);
  }
  return result;
}

}  // namespace bsd_sockets
