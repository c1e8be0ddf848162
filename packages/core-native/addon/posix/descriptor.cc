#include "posix/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace bsd_sockets {

// fcntl(2). The environment closes `fd` when it ends, unless it is closed or disowned before.
int64_t Own(Environment& environment, int fd) {
  if (fcntl(fd, F_GETFD) < 0) return -errno;
  return environment.Own(fd);
}

int64_t Disown(Environment& environment, int fd) {
  environment.Disown(fd);
  return 0;
}

int64_t Duplicate(Environment& environment, int fd) {
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? -errno : environment.Own(copy);
}

// close(2). It is not retried: on Linux the descriptor is gone even after EINTR.
int64_t Close(Environment& environment, int fd) {
  environment.Disown(fd);
  return close(fd) < 0 ? -errno : 0;
}

int64_t SetNonblocking(Environment&, int fd, int on) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  const int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return wanted == flags || fcntl(fd, F_SETFL, wanted) == 0 ? 0 : -errno;
}

int64_t GetInheritable(Environment&, int fd) {
  const int flags = fcntl(fd, F_GETFD);
  return flags < 0 ? -errno : !(flags & FD_CLOEXEC);
}

int64_t SetInheritable(Environment&, int fd, int on) {
  const int flags = fcntl(fd, F_GETFD);
  if (flags < 0) return -errno;
  return fcntl(fd, F_SETFD, on ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC) < 0 ? -errno : 0;
}

}  // namespace bsd_sockets
