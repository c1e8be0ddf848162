#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "linux/system_call.h"
#include "posix/system.h"
#include "retry.h"

namespace bsd_sockets {

namespace {

int IntegerOption(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, option, &value, &length) < 0 ? -1 : value;
}

int TypeWith(int type, bool nonblocking) {
  return type | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0);
}

}  // namespace

bool OnMainThread() { return syscall(SYS_gettid) == getpid(); }

int OpenSocket(int family, int type, int protocol, bool nonblocking) {
  return socket(family, TypeWith(type, nonblocking), protocol);
}

int OpenPipe(int fds[2]) { return pipe2(fds, O_CLOEXEC); }

int OpenSocketPair(int family, int type, int protocol, bool nonblocking, int fds[2]) {
  return socketpair(family, TypeWith(type, nonblocking), protocol, fds);
}

int AcceptSocket(int fd, sockaddr* address, socklen_t* length, bool nonblocking) {
  const int flags = TypeWith(0, nonblocking);
  const int accepted = accept4(fd, address, length, flags);
  if (accepted >= 0 || errno != ECONNABORTED || FamilyOf(fd) != AF_ALG) return accepted;
  // A caller that asks an AF_ALG socket for an address gets no socket either.
  *length = 0;
  return accept4(fd, nullptr, nullptr, flags);
}

// An inet socket stays "connecting" until another connect asks how it ended.
void EndConnect(int fd, const sockaddr* address, socklen_t length) {
  if (address->sa_family == AF_INET || address->sa_family == AF_INET6) connect(fd, address, length);
}

int FamilyOf(int fd) { return IntegerOption(fd, SO_DOMAIN); }

int ProtocolOf(int fd) { return IntegerOption(fd, SO_PROTOCOL); }

int GetSocketOption(int fd, int level, int option, void* value, socklen_t* length) {
  if (level != SOL_SOCKET || option != SO_GET_FILTER) {
    return getsockopt(fd, level, option, value, length);
  }
  // The one option whose length counts elements: with bytes, the kernel would write eight times as
  // many. And none would mean "tell how many there are".
  socklen_t count = *length / sizeof(sock_filter);
  if (count == 0) {
    errno = EINVAL;
    return -1;
  }
  const int result = getsockopt(fd, level, option, value, &count);
  *length = count * sizeof(sock_filter);
  return result;
}

ssize_t SendTo(int fd, const void* data, size_t length, int flags, const sockaddr* address,
               socklen_t address_length) {
  return ENTER(sendto, fd, data, length, flags, address, address_length);
}

ssize_t ReceiveFrom(int fd, void* data, size_t length, int flags, sockaddr* address,
                    socklen_t* address_length) {
  return ENTER(recvfrom, fd, data, length, flags, address, address_length);
}

ssize_t SendMsg(int fd, const msghdr* message, int flags) {
  return ENTER(sendmsg, fd, message, flags);
}

ssize_t ReceiveMsg(int fd, msghdr* message, int flags) {
  ssize_t received = ENTER(recvmsg, fd, message, flags | MSG_CMSG_CLOEXEC);
  // Packet sockets, and CAN's transport protocols, refuse flags that they have no use for. No
  // descriptor comes by those that do.
  if (received < 0 && errno == EINVAL) received = ENTER(recvmsg, fd, message, flags);
  // The kernel hands the flag back, which is news only to a caller who did not give it.
  if (!(flags & MSG_CMSG_CLOEXEC)) message->msg_flags &= ~MSG_CMSG_CLOEXEC;
  return received;
}

int PollEntries(pollfd* entries, nfds_t count, const timespec* limit) {
  return ppoll(entries, count, limit, nullptr);
}

bool IsShutDown(Descriptor fd) {
  pollfd entry = {fd, POLLRDHUP, 0};
  return poll(&entry, 1, 0) > 0 && entry.revents & POLLRDHUP;
}

void CloseDescriptor(Descriptor fd) { close(fd); }

int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace bsd_sockets
