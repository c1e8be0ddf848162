#include "posix/sendfile.h"

#include <unistd.h>

#include <cerrno>

#include "integral.h"
#include "posix/system.h"
#include "posix/wait.h"
#include "retry.h"

namespace bsd_sockets {

// sendfile(2): at most `count` bytes of `file` from `offset` on, whose position stays. 0 at its
// end.
int64_t Sendfile(Environment& environment, int fd, int file, double offset, double count,
                 double timeout) {
  KeepNonblocking(environment, fd, timeout);
  return Retry(environment, fd, kWritable, timeout, [&] {
    return SendFile(fd, file, Integral<off_t>(offset), Integral<size_t>(count));
  });
}

// lseek(2), from the beginning.
int64_t Seek(Environment&, int fd, double offset) {
  return lseek(fd, Integral<off_t>(offset), SEEK_SET) < 0 ? -errno : 0;
}

}  // namespace bsd_sockets
