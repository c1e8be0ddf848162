#include "posix/socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "posix/system.h"
#include "posix/wait.h"
#include "retry.h"

namespace bsd_sockets {

namespace {

// A typed array may begin at an odd address: the call gets an aligned copy. What is too long for it
// is too long for every kernel, which says so by the length only.
class AddressIn {
 public:
  explicit AddressIn(Bytes address)
      : length_(static_cast<socklen_t>(address.CopyTo(bytes_, sizeof(bytes_)))) {}
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(bytes_); }
  socklen_t length() const { return length_; }

 private:
  alignas(sockaddr_storage) uint8_t bytes_[sizeof(CallBlock::address)];
  socklen_t length_;
};

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

// The length of an option, which to the kernel is an int.
socklen_t OptionLength(Bytes value) {
  return static_cast<socklen_t>(std::min<size_t>(value.length, INT_MAX));
}

// How a connect that goes on by itself ended.
int64_t Connected(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
  return error == EISCONN ? 0 : -error;
}

}  // namespace

int64_t Socket(Environment& environment, int family, int type, int protocol, int nonblocking) {
  const int fd = OpenSocket(family, type, protocol, nonblocking);
  return fd < 0 ? -errno : environment.Own(fd);
}

// The second descriptor is in the call block.
int64_t SocketPair(Environment& environment, int family, int type, int protocol, int nonblocking) {
  int fds[2];
  if (OpenSocketPair(family, type, protocol, nonblocking, fds) < 0) return -errno;
  environment.block().second_fd = environment.Own(fds[1]);
  return environment.Own(fds[0]);
}

int64_t Bind(Environment&, int fd, Bytes address) {
  const AddressIn in(address);
  return bind(fd, in.address(), in.length()) < 0 ? -errno : 0;
}

int64_t Listen(Environment&, int fd, int backlog) { return listen(fd, backlog) < 0 ? -errno : 0; }

int64_t Accept(Environment& environment, int fd, int nonblocking, double timeout) {
  AddressOut out(environment.block());
  KeepNonblocking(environment, fd, timeout);
  const int64_t accepted = Retry(environment, fd, kReadable, timeout, [&] {
    return AcceptSocket(fd, out.address(), out.length(), nonblocking);
  });
  if (accepted < 0) return accepted == -kShutDown ? -EINVAL : accepted;
  out.Store();
  return environment.Own(static_cast<int>(accepted));
}

int64_t Connect(Environment& environment, int fd, Bytes address, double timeout) {
  const AddressIn in(address);
  const int64_t begin = Now();
  const auto limit = [&] {
    return Deadline(timeout < 0 ? KernelTimeout(fd, kWritable) : timeout, begin);
  };
  // As the kernel says when its own timeout is over.
  const auto told = [&](int failed) -> int64_t {
    if (failed != -kTimedOut || timeout >= 0) return failed;
    return in.address()->sa_family == AF_UNIX ? -EAGAIN : -EINPROGRESS;
  };
  Backoff backoff;
  bool interrupted = false;
  KeepNonblocking(environment, fd, timeout);
  if (environment.signals) {
    if (const int failed = BeginInterruptible(environment, fd, timeout); failed < 0) return failed;
  }
  while (connect(fd, in.address(), in.length()) < 0) {
    const int error = errno;
    // The first call, which a signal ended, has connected in the meantime.
    if (error == EISCONN && interrupted) return 0;
    if (error == EINTR && timeout != 0) {
      interrupted = true;
      // The kernel would begin its own timeout anew.
      const Deadline deadline = limit();
      if (timeout >= 0 || deadline.unlimited()) continue;
      if (const int failed = WaitFor(environment, fd, kWritable, deadline); failed < 0)
        return told(failed);
      continue;
    }
    if (error != EINPROGRESS && error != EAGAIN && !(error == EALREADY && interrupted))
      return -error;
    if (!Waits(environment, fd, timeout)) return -error;
    const Deadline deadline = limit();
    if (error != EAGAIN) {
      if (const int failed = WaitFor(environment, fd, kWritable, deadline); failed < 0)
        return told(failed);
      const int64_t result = Connected(fd);
      // Where the socket passes for a blocking one, the caller's next connect should be told
      // EISCONN, or begin anew.
      if (timeout < 0) EndConnect(fd, in.address(), in.length());
      return result;
    }
    // A unix socket whose peer has a full backlog: nothing was begun, and nothing can be polled.
    if (const int failed = backoff.Pause(environment, deadline); failed < 0) return told(failed);
  }
  return 0;
}

int64_t FinishConnect(Environment&, int fd, Bytes address) {
  const AddressIn in(address);
  EndConnect(fd, in.address(), in.length());
  return 0;
}

int64_t Shutdown(Environment&, int fd, int how) { return shutdown(fd, how) < 0 ? -errno : 0; }

int64_t Getsockname(Environment& environment, int fd) { return Name(environment, fd, getsockname); }

int64_t Getpeername(Environment& environment, int fd) { return Name(environment, fd, getpeername); }

int64_t GetFamily(Environment&, int fd) {
  const int family = FamilyOf(fd);
  return family < 0 ? -errno : family;
}

int64_t GetProtocol(Environment&, int fd) {
  const int protocol = ProtocolOf(fd);
  return protocol < 0 ? -errno : protocol;
}

// Returns the bytes that the kernel wrote into `value`. Bluetooth's sockets write an int even where
// there is room for less.
int64_t Getsockopt(Environment&, int fd, int level, int option, Bytes value) {
  socklen_t length = OptionLength(value);
  uint8_t whole[sizeof(int)] = {};
  const bool less = value.length < sizeof whole;
  if (GetSocketOption(fd, level, option, less ? whole : value.data, &length) < 0) return -errno;
  if (less) std::copy_n(whole, value.length, value.data);
  return length;
}

// Only `length` counts where `value` is null: some options take a length without a value.
int64_t Setsockopt(Environment& environment, int fd, int level, int option, Bytes value,
                   int length) {
  const socklen_t size = value.data ? OptionLength(value) : length;
  if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO)) {
    environment.kernel_timeouts = true;
  }
  return setsockopt(fd, level, option, value.data, size) < 0 ? -errno : 0;
}

}  // namespace bsd_sockets
