#include "win32/socket.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include "win32/wait.h"
#include "win32/watch.h"

namespace bsd_sockets {

namespace {

// A typed array may begin at an odd address: the call gets an aligned copy.
class AddressIn {
 public:
  explicit AddressIn(Bytes address)
      : length_(static_cast<int>(address.CopyTo(bytes_, sizeof(bytes_)))) {}
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(bytes_); }
  int length() const { return length_; }

 private:
  alignas(sockaddr_storage) uint8_t bytes_[sizeof(CallBlock::address)];
  int length_;
};

int64_t Name(Environment& environment, int fd, int(WSAAPI* call)(SOCKET, sockaddr*, int*)) {
  CallBlock& block = environment.block();
  memset(block.address, 0, sizeof(block.address));
  int length = sizeof(block.address);
  if (call(SocketOf(fd), reinterpret_cast<sockaddr*>(block.address), &length) != 0)
    return Failure();
  block.address_length = std::min<uint32_t>(length, sizeof(block.address));
  return 0;
}

SOCKET OpenSocket(int family, int type, int protocol) {
  return WSASocketW(family, type, protocol, nullptr, 0,
                    WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

// What a socket was opened with; its family is AF_UNSPEC, with an error set, if it is none.
WSAPROTOCOL_INFOW InfoOf(int fd) {
  WSAPROTOCOL_INFOW info = {};
  int length = sizeof(info);
  getsockopt(SocketOf(fd), SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&info), &length);
  return info;
}

bool IsTimeout(int level, int option) {
  return level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
}

// Two connected sockets, the first of which was accepted; closed where that failed.
class LoopbackPair {
 public:
  ~LoopbackPair() {
    for (const SOCKET socket : {listener_, first, second}) {
      if (socket != INVALID_SOCKET) closesocket(socket);
    }
  }

  bool Connect(int family, int type) {
    sockaddr_storage address = {};
    int length = 0;
    if (family == AF_INET) {
      auto& inet = reinterpret_cast<sockaddr_in&>(address);
      inet.sin_family = AF_INET;
      inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      length = sizeof(inet);
    } else {
      auto& inet6 = reinterpret_cast<sockaddr_in6&>(address);
      inet6.sin6_family = AF_INET6;
      inet6.sin6_addr = in6addr_loopback;
      length = sizeof(inet6);
    }
    auto* name = reinterpret_cast<sockaddr*>(&address);
    listener_ = OpenSocket(family, type, 0);
    if (listener_ == INVALID_SOCKET || bind(listener_, name, length) != 0 ||
        listen(listener_, 1) != 0 || getsockname(listener_, name, &length) != 0) {
      return false;
    }
    second = OpenSocket(family, type, 0);
    if (second == INVALID_SOCKET || connect(second, name, length) != 0) return false;
    first = accept(listener_, nullptr, nullptr);
    return first != INVALID_SOCKET && AreEnds();
  }

  SOCKET first = INVALID_SOCKET;
  SOCKET second = INVALID_SOCKET;

 private:
  // Whether another program was not faster to connect (CVE-2024-3219).
  bool AreEnds() const {
    sockaddr_storage peer = {};
    sockaddr_storage own = {};
    int peer_length = sizeof(peer);
    int own_length = sizeof(own);
    if (getpeername(first, reinterpret_cast<sockaddr*>(&peer), &peer_length) != 0 ||
        getsockname(second, reinterpret_cast<sockaddr*>(&own), &own_length) != 0) {
      return false;
    }
    if (peer_length == own_length && memcmp(&peer, &own, static_cast<size_t>(own_length)) == 0) {
      return true;
    }
    WSASetLastError(WSAECONNABORTED);
    return false;
  }

  SOCKET listener_ = INVALID_SOCKET;
};

}  // namespace

int64_t Socket(Environment& environment, int family, int type, int protocol, int) {
  const int64_t fd = Adopt(OpenSocket(family, type, protocol));
  return fd < 0 ? fd : environment.Own(static_cast<int>(fd));
}

// As Python's: Windows has none. The second descriptor is in the call block.
int64_t SocketPair(Environment& environment, int family, int type, int protocol, int) {
  if ((family != AF_INET && family != AF_INET6) || type != SOCK_STREAM || protocol != 0) {
    return -WSAEOPNOTSUPP;
  }
  LoopbackPair pair;
  if (!pair.Connect(family, type)) return Failure();
  const int64_t second = Adopt(pair.second);
  pair.second = INVALID_SOCKET;
  if (second < 0) return second;
  environment.block().second_fd = environment.Own(static_cast<int>(second));
  const int64_t first = Adopt(pair.first);
  pair.first = INVALID_SOCKET;
  return first < 0 ? first : environment.Own(static_cast<int>(first));
}

int64_t Bind(Environment&, int fd, Bytes address) {
  const AddressIn in(address);
  return bind(SocketOf(fd), in.address(), in.length()) != 0 ? Failure() : 0;
}

int64_t Listen(Environment&, int fd, int backlog) {
  return listen(SocketOf(fd), backlog) != 0 ? Failure() : 0;
}

int64_t Accept(Environment& environment, int fd, int, double timeout) {
  CallBlock& block = environment.block();
  SOCKET accepted = INVALID_SOCKET;
  int length = 0;
  const int64_t failure = Retry(environment, fd, kReadable, timeout, [&] {
    memset(block.address, 0, sizeof(block.address));
    length = sizeof(block.address);
    accepted = accept(SocketOf(fd), reinterpret_cast<sockaddr*>(block.address), &length);
    return Tried(environment, fd, kReadable, accepted == INVALID_SOCKET ? -1 : 0);
  });
  if (failure < 0) return failure;
  block.address_length = std::min<uint32_t>(length, sizeof(block.address));
  const int64_t adopted = Adopt(accepted);
  return adopted < 0 ? adopted : environment.Own(static_cast<int>(adopted));
}

int64_t Connect(Environment& environment, int fd, Bytes address, double timeout) {
  const AddressIn in(address);
  if (connect(SocketOf(fd), in.address(), in.length()) == 0) return 0;
  const int64_t failure = Failure();
  if (failure != -kConnecting) return failure;
  if (timeout == 0) {
    Rearm(environment, fd, kWritable);
    return failure;
  }
  if (const int failed = WaitForConnect(environment, fd, Deadline(timeout)); failed < 0) {
    return failed;
  }
  const int error = IntegerOption(fd, SOL_SOCKET, SO_ERROR);
  return error < 0 ? Failure() : -ErrnoOf(error);
}

// The kernel keeps nothing for another call.
int64_t FinishConnect(Environment&, int, Bytes) { return 0; }

int64_t Shutdown(Environment&, int fd, int how) {
  return shutdown(SocketOf(fd), how) != 0 ? Failure() : 0;
}

int64_t Getsockname(Environment& environment, int fd) { return Name(environment, fd, getsockname); }

int64_t Getpeername(Environment& environment, int fd) { return Name(environment, fd, getpeername); }

int64_t GetFamily(Environment&, int fd) {
  const int family = InfoOf(fd).iAddressFamily;
  return family == AF_UNSPEC ? Failure() : family;
}

int64_t GetProtocol(Environment&, int fd) {
  const WSAPROTOCOL_INFOW info = InfoOf(fd);
  return info.iAddressFamily == AF_UNSPEC ? Failure() : info.iProtocol;
}

// Returns the bytes that were written into `value`. A timeout is milliseconds here: where there is
// room for a timeval, it is that.
int64_t Getsockopt(Environment&, int fd, int level, int option, Bytes value) {
  if (IsTimeout(level, option) && value.length == sizeof(timeval)) {
    const int milliseconds = IntegerOption(fd, level, option);
    if (milliseconds < 0) return Failure();
    const timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    memcpy(value.data, &time, sizeof(time));
    return sizeof(time);
  }
  // Some write a whole int where there is room for less.
  uint8_t whole[sizeof(int)] = {};
  const bool less = value.length < sizeof(whole);
  int length = static_cast<int>(std::min<size_t>(value.length, INT_MAX));
  auto* memory = reinterpret_cast<char*>(less ? whole : value.data);
  if (getsockopt(SocketOf(fd), level, option, memory, &length) != 0) return Failure();
  if (less) std::copy_n(whole, value.length, value.data);
  if (level == SOL_SOCKET && option == SO_ERROR && value.length >= sizeof(int)) {
    int error;
    memcpy(&error, value.data, sizeof(error));
    error = ErrnoOf(error);
    memcpy(value.data, &error, sizeof(error));
  }
  return std::min<int64_t>(length, static_cast<int64_t>(value.length));
}

// Only `length` counts where `value` is null.
int64_t Setsockopt(Environment& environment, int fd, int level, int option, Bytes value,
                   int length) {
  int size = value.data ? static_cast<int>(std::min<size_t>(value.length, INT_MAX)) : length;
  const auto* memory = reinterpret_cast<const char*>(value.data);
  DWORD milliseconds = 0;
  if (IsTimeout(level, option)) {
    environment.kernel_timeouts = true;
    if (value.data && size == sizeof(timeval)) {
      timeval time;
      value.CopyTo(&time, sizeof(time));
      // Upwards: 0 would be no timeout.
      const int64_t whole = time.tv_sec * int64_t{1000} + (time.tv_usec + int64_t{999}) / 1000;
      milliseconds = static_cast<DWORD>(std::clamp<int64_t>(whole, 0, INT_MAX));
      memory = reinterpret_cast<const char*>(&milliseconds);
      size = sizeof(milliseconds);
    }
  }
  return setsockopt(SocketOf(fd), level, option, memory, size) != 0 ? Failure() : 0;
}

}  // namespace bsd_sockets
