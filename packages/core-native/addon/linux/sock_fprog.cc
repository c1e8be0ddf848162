#include "linux/sock_fprog.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>

namespace bsd_sockets {

// setsockopt(2) of an option whose value is a `struct sock_fprog`, which points to the instructions
// (SO_ATTACH_FILTER, PACKET_FANOUT_DATA). The kernel copies them.
int64_t SetFilter(Environment&, int fd, int level, int option, Bytes program) {
  const size_t count = program.length / sizeof(sock_filter);
  if (program.length % sizeof(sock_filter) != 0 || count > BPF_MAXINSNS) return -EINVAL;
  const sock_fprog value = {static_cast<uint16_t>(count),
                            reinterpret_cast<sock_filter*>(program.data)};
  return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

}  // namespace bsd_sockets
