#include <sys/sendfile.h>

#include "posix/system.h"

namespace bsd_sockets {

ssize_t SendFile(int fd, int file, off_t offset, size_t count) {
  return sendfile(fd, file, &offset, count);
}

}  // namespace bsd_sockets
