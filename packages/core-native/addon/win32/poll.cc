#include "win32/poll.h"

#include <cerrno>

#include "win32/wait.h"
#include "win32/watch.h"

namespace bsd_sockets {

// WSAPoll. The entries are an array of WSAPOLLFD.
int64_t Poll(Environment& environment, Bytes bytes, double timeout) {
  const bool aligned = reinterpret_cast<uintptr_t>(bytes.data) % alignof(WSAPOLLFD) == 0;
  // An empty array is all that may lie anywhere.
  if (bytes.length % sizeof(WSAPOLLFD) != 0 || (bytes.length > 0 && !aligned)) return -EINVAL;
  auto* entries = reinterpret_cast<WSAPOLLFD*>(bytes.data);
  const size_t count = bytes.length / sizeof(WSAPOLLFD);
  const int ready = WaitForAny(environment, entries, count, Deadline(timeout));
  for (size_t place = 0; timeout == 0 && place < count; place++) {
    const int missing = entries[place].events & ~entries[place].revents;
    const auto fd = static_cast<Descriptor>(entries[place].fd);
    if (missing & POLLIN) Rearm(environment, fd, kReadable);
    if (missing & POLLOUT) Rearm(environment, fd, kWritable);
  }
  return ready;
}

}  // namespace bsd_sockets
