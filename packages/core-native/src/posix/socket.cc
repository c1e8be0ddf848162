#include "posix/socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "platform.h"
#include "posix/retry.h"

namespace bsd_sockets {

namespace {

const sockaddr* AsSockaddr(Bytes address) {
  return reinterpret_cast<const sockaddr*>(address.data);
}

// The call block's address as an output: zeroed, its whole size on offer.
class AddressOut {
 public:
  explicit AddressOut(CallBlock& block) : block_(block) {
    memset(block.address, 0, sizeof(block.address));
  }
  sockaddr* address() { return reinterpret_cast<sockaddr*>(block_.address); }
  socklen_t* length() {
    length_ = sizeof(block_.address);
    return &length_;
  }
  // A kernel may report more than it could write.
  void Store() { block_.address_length = std::min<socklen_t>(length_, sizeof(block_.address)); }

 private:
  CallBlock& block_;
  socklen_t length_ = 0;
};

int64_t Name(Environment& environment, int fd, int (*call)(int, sockaddr*, socklen_t*)) {
  AddressOut out(environment.block());
  if (call(fd, out.address(), out.length()) < 0) return -errno;
  out.Store();
  return 0;
}

// How a connect that goes on by itself ended.
int64_t Connected(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
  return error == EISCONN ? 0 : -error;
}

}  // namespace

int64_t Socket(Environment& environment, int family, int type, int protocol) {
  const int fd = OpenSocket(family, type, protocol);
  return fd < 0 ? -errno : environment.Own(fd);
}

// The second descriptor is in the call block.
int64_t SocketPair(Environment& environment, int family, int type, int protocol) {
  int fds[2];
  if (OpenSocketPair(family, type, protocol, fds) < 0) return -errno;
  environment.block().second_fd = environment.Own(fds[1]);
  return environment.Own(fds[0]);
}

int64_t Bind(Environment&, int fd, Bytes address) {
  return bind(fd, AsSockaddr(address), address.length) < 0 ? -errno : 0;
}

int64_t Listen(Environment&, int fd, int backlog) { return listen(fd, backlog) < 0 ? -errno : 0; }

int64_t Accept(Environment& environment, int fd, int nonblocking, double timeout) {
  AddressOut out(environment.block());
  const int64_t accepted = Retry(environment, fd, POLLIN, timeout, [&] {
    return AcceptSocket(fd, out.address(), out.length(), nonblocking);
  });
  if (accepted < 0) return accepted;
  out.Store();
  return environment.Own(static_cast<int>(accepted));
}

int64_t Connect(Environment& environment, int fd, Bytes address, double timeout) {
  const Deadline deadline(timeout);
  while (connect(fd, AsSockaddr(address), address.length) < 0) {
    const int error = errno;
    const bool waits = Waits(environment, timeout);
    // EINTR does not undo a connect: it goes on as after EINPROGRESS.
    if ((error == EINTR && timeout != 0) || (error == EINPROGRESS && waits)) {
      const int failed = Wait(environment, fd, POLLOUT, deadline);
      return failed < 0 ? failed : Connected(fd);
    }
    // A unix socket whose peer has a full backlog: nothing was begun, and nothing can be polled.
    if (error != EAGAIN || !waits) return -error;
    if (const int failed = Pause(environment, deadline); failed < 0) return failed;
  }
  return 0;
}

int64_t Shutdown(Environment&, int fd, int how) { return shutdown(fd, how) < 0 ? -errno : 0; }

int64_t Getsockname(Environment& environment, int fd) { return Name(environment, fd, getsockname); }

int64_t Getpeername(Environment& environment, int fd) { return Name(environment, fd, getpeername); }

// Returns the bytes that the kernel wrote into `value`.
int64_t Getsockopt(Environment&, int fd, int level, int option, Bytes value) {
  socklen_t length = static_cast<socklen_t>(value.length);
  if (getsockopt(fd, level, option, value.data, &length) < 0) return -errno;
  return length;
}

// `length` counts alone where `value` is null: some options take a length without a value.
int64_t Setsockopt(Environment&, int fd, int level, int option, Bytes value, int length) {
  const socklen_t size = value.data ? static_cast<socklen_t>(value.length) : length;
  return setsockopt(fd, level, option, value.data, size) < 0 ? -errno : 0;
}

}  // namespace bsd_sockets
