#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cerrno>

#include "posix/system.h"

namespace bsd_sockets {

namespace {

// The number of the bytes that went out, also where the call failed after them.
int Send(int fd, int file, off_t offset, size_t count, off_t* sent) {
#ifdef __APPLE__
  *sent = static_cast<off_t>(count);
  return sendfile(file, fd, offset, sent, nullptr, 0);
#else
  return sendfile(file, fd, offset, count, nullptr, sent, 0);
#endif
}

}  // namespace

ssize_t SendFile(int fd, int file, off_t offset, size_t count) {
  // To the kernel no bytes are all of them.
  if (count == 0) return 0;
  off_t sent = 0;
  const int result = Send(fd, file, offset, count, &sent);
  if (result == 0 || ((errno == EAGAIN || errno == EINTR) && sent > 0)) return sent;
  // Two numbers here, which are one elsewhere.
  if (errno == ENOTSUP) errno = EOPNOTSUPP;
  return -1;
}

}  // namespace bsd_sockets
