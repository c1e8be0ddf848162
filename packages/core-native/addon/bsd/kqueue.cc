#include "bsd/kqueue.h"

#include <fcntl.h>

namespace bsd_sockets {

int OpenKqueue() {
  const int fd = kqueue();
  if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

}  // namespace bsd_sockets
