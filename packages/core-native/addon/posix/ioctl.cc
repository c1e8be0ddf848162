#include "posix/ioctl.h"

#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

namespace bsd_sockets {

// ioctl(2). A request tells the size of its argument in 14 bits: whatever the kernel writes fits in
// `memory`, however short the caller's bytes are.
int64_t Ioctl(Environment&, int fd, double request, Bytes argument) {
  alignas(16) uint8_t memory[1 << 14] = {};
  if (argument.length > sizeof memory || !(request >= 0 && request <= UINT32_MAX)) return -EINVAL;
  argument.CopyTo(memory, sizeof memory);
  const int result = ioctl(fd, static_cast<unsigned long>(request), memory);
  if (result < 0) return -errno;
  if (argument.length > 0) memcpy(argument.data, memory, argument.length);
  return result;
}

}  // namespace bsd_sockets
