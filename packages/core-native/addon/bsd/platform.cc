#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "posix/system.h"
#include "retry.h"

#if __has_include(<pthread_np.h>)
#include <pthread_np.h>
#endif

namespace bsd_sockets {

namespace {

// In one call that blocks: a result in the call block has 31 bits, which Linux keeps to by itself.
constexpr size_t kMostBytes = INT_MAX;

// A write to a peer that is gone is EPIPE, as everywhere in Node, also in a program that is no
// Node.
void IgnorePipeSignal([[maybe_unused]] int fd) {
#ifdef SO_NOSIGPIPE
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
}

#ifdef SOCK_CLOEXEC

int TypeWith(int type, bool nonblocking) {
  return type | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0);
}

#else

// Programs that another thread starts between two calls inherit the descriptor; those that libuv
// starts inherit nothing that it does not hand over.
void SetFlags(int fd, bool nonblocking) {
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  const int flags = fcntl(fd, F_GETFL);
  const int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (wanted != flags) fcntl(fd, F_SETFL, wanted);
}

#endif

int IntegerOption(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, option, &value, &length) < 0 ? -1 : value;
}

bool IsUnixDatagram(int fd) {
  return IntegerOption(fd, SO_TYPE) == SOCK_DGRAM && FamilyOf(fd) == AF_UNIX;
}

// A unix datagram whose receiver's queue is full is ENOBUFS at once, on a socket that is blocking
// too. It is a wait, as on other systems, for which the kernel has nothing to ask but the clock.
template <typename Call>
ssize_t SendWhereThereIsRoom(int fd, int flags, Call call) {
  ssize_t sent = call();
  if (sent >= 0 || errno != ENOBUFS || !IsUnixDatagram(fd)) return sent;
  const double limit = KernelTimeout(fd, kWritable);
  const Deadline deadline(limit);
  const bool waits = !(flags & MSG_DONTWAIT) && !(fcntl(fd, F_GETFL) & O_NONBLOCK);
  int64_t pause = kSecond / 1000;
  int64_t left;
  while (waits && sent < 0 && errno == ENOBUFS && deadline.Left(pause, &left)) {
    const timespec time = {static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
    if (nanosleep(&time, nullptr) < 0) return -1;
    pause = std::min(2 * pause, kSecond / 64);
    sent = call();
  }
  if (sent < 0 && errno == ENOBUFS) errno = EAGAIN;
  return sent;
}

}  // namespace

bool OnMainThread() { return pthread_main_np() == 1; }

int OpenSocket(int family, int type, int protocol, bool nonblocking) {
#ifdef SOCK_CLOEXEC
  const int fd = socket(family, TypeWith(type, nonblocking), protocol);
  if (fd < 0) return -1;
#else
  const int fd = socket(family, type, protocol);
  if (fd < 0) return -1;
  SetFlags(fd, nonblocking);
#endif
  IgnorePipeSignal(fd);
  return fd;
}

int OpenPipe(int fds[2]) {
#ifdef SOCK_CLOEXEC
  return pipe2(fds, O_CLOEXEC);
#else
  if (pipe(fds) < 0) return -1;
  for (int index = 0; index < 2; index++) SetFlags(fds[index], false);
  return 0;
#endif
}

int OpenSocketPair(int family, int type, int protocol, bool nonblocking, int fds[2]) {
#ifdef SOCK_CLOEXEC
  if (socketpair(family, TypeWith(type, nonblocking), protocol, fds) < 0) return -1;
#else
  if (socketpair(family, type, protocol, fds) < 0) return -1;
  for (int index = 0; index < 2; index++) SetFlags(fds[index], nonblocking);
#endif
  for (int index = 0; index < 2; index++) IgnorePipeSignal(fds[index]);
  return 0;
}

// accept(2) hands the listener's O_NONBLOCK on, unlike that of Linux.
int AcceptSocket(int fd, sockaddr* address, socklen_t* length, bool nonblocking) {
#ifdef SOCK_CLOEXEC
  const int accepted = accept4(fd, address, length, TypeWith(0, nonblocking));
  if (accepted < 0) return -1;
#else
  const int accepted = accept(fd, address, length);
  if (accepted < 0) return -1;
  SetFlags(accepted, nonblocking);
#endif
  IgnorePipeSignal(accepted);
  return accepted;
}

void EndConnect(int, const sockaddr*, socklen_t) {}

// Each socket has a name here, bound or not, which begins with its family.
int FamilyOf(int fd) {
#ifdef SO_DOMAIN
  return IntegerOption(fd, SO_DOMAIN);
#else
  sockaddr_storage name = {};
  socklen_t length = sizeof(name);
  return getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) < 0 ? -1 : name.ss_family;
#endif
}

int ProtocolOf(int fd) {
#ifdef SO_PROTOCOL
  return IntegerOption(fd, SO_PROTOCOL);
#else
  // As in Python: there is nothing to ask.
  return IntegerOption(fd, SO_TYPE) < 0 ? -1 : 0;
#endif
}

int GetSocketOption(int fd, int level, int option, void* value, socklen_t* length) {
  return getsockopt(fd, level, option, value, length);
}

ssize_t SendTo(int fd, const void* data, size_t length, int flags, const sockaddr* address,
               socklen_t address_length) {
  return SendWhereThereIsRoom(fd, flags, [&] {
    return sendto(fd, data, std::min(length, kMostBytes), flags, address, address_length);
  });
}

ssize_t ReceiveFrom(int fd, void* data, size_t length, int flags, sockaddr* address,
                    socklen_t* address_length) {
  return recvfrom(fd, data, std::min(length, kMostBytes), flags, address, address_length);
}

ssize_t SendMsg(int fd, const msghdr* message, int flags) {
  return SendWhereThereIsRoom(fd, flags, [&] { return sendmsg(fd, message, flags); });
}

#ifdef MSG_CMSG_CLOEXEC

ssize_t ReceiveMsg(int fd, msghdr* message, int flags) {
  const ssize_t received = recvmsg(fd, message, flags | MSG_CMSG_CLOEXEC);
  // The kernel hands the flag back.
  if (received >= 0) message->msg_flags &= ~MSG_CMSG_CLOEXEC;
  return received;
}

#else

ssize_t ReceiveMsg(int fd, msghdr* message, int flags) {
  const ssize_t received = recvmsg(fd, message, flags);
  if (received < 0 || !message->msg_control) return received;
  const auto* end = static_cast<const uint8_t*>(message->msg_control) + message->msg_controllen;
  for (cmsghdr* part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
    // One that was cut is longer than what there is of it.
    const auto* data = CMSG_DATA(part);
    const auto* last = std::min(reinterpret_cast<const uint8_t*>(part) + part->cmsg_len, end);
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (; data + sizeof(int) <= last; data += sizeof(int)) {
      int descriptor;
      std::copy_n(data, sizeof(descriptor), reinterpret_cast<uint8_t*>(&descriptor));
      fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
  }
  return received;
}

#endif

int PollEntries(pollfd* entries, nfds_t count, const timespec* limit) {
#ifdef SOCK_CLOEXEC
  return ppoll(entries, count, limit, nullptr);
#else
  if (!limit) return poll(entries, count, -1);
  // Upwards: a wait never ends before its time.
  const int64_t nanoseconds = limit->tv_sec * kSecond + limit->tv_nsec;
  const int64_t milliseconds = (nanoseconds + kSecond / 1000 - 1) / (kSecond / 1000);
  return poll(entries, count, static_cast<int>(std::min<int64_t>(milliseconds, INT_MAX)));
#endif
}

// A receive that does not wait is told the end too.
bool IsShutDown(Descriptor) { return false; }

void CloseDescriptor(Descriptor fd) { close(fd); }

int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace bsd_sockets
