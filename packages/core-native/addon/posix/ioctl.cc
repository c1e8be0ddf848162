#include "posix/ioctl.h"

#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "integral.h"
#include "posix/system.h"

namespace bsd_sockets {

namespace {

bool IsRequest(double request) { return request >= 0 && request <= UINT32_MAX; }

}  // namespace

// ioctl(2). A request tells the size of its argument in 14 bits: whatever the kernel writes fits in
// `memory`, however short the caller's bytes are.
int64_t Ioctl(Environment&, int fd, double request, Bytes argument) {
  alignas(16) uint8_t memory[1 << 14] = {};
  if (argument.length > sizeof memory || !IsRequest(request)) return -EINVAL;
  argument.CopyTo(memory, sizeof memory);
  const int result = ioctl(fd, static_cast<unsigned long>(request), memory);
  if (result < 0) return -errno;
  if (argument.length > 0) memcpy(argument.data, memory, argument.length);
  return result;
}

// The same of a request that takes a number. The kernel would write to wherever the number says,
// where it takes an address: that is a bad one.
int64_t IoctlNumber(Environment&, int fd, double request, double argument) {
  if (!IsRequest(request)) return -EINVAL;
  if (TakesAddress(static_cast<uint32_t>(request))) return -EFAULT;
  const int result = ioctl(fd, static_cast<unsigned long>(request), Integral<long>(argument));
  return result < 0 ? -errno : result;
}

int64_t IoctlSize(Environment&, double request) {
  if (!IsRequest(request)) return -EINVAL;
  return static_cast<int64_t>(RequestSize(static_cast<uint32_t>(request)));
}

}  // namespace bsd_sockets
