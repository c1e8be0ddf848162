#include "posix/poll.h"

#include "posix/wait.h"

namespace bsd_sockets {

// poll(2). The entries are an array of `struct pollfd`.
int64_t Poll(Environment& environment, Bytes entries, double timeout) {
  const bool aligned = reinterpret_cast<uintptr_t>(entries.data) % alignof(pollfd) == 0;
  // An empty array is all that may lie anywhere.
  if (entries.length % sizeof(pollfd) != 0 || (entries.length > 0 && !aligned)) return -EINVAL;
  return WaitForAny(environment, reinterpret_cast<pollfd*>(entries.data),
                    entries.length / sizeof(pollfd), Deadline(timeout));
}

}  // namespace bsd_sockets
