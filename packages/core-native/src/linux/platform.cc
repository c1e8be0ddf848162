#include "platform.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace bsd_sockets {

bool OnMainThread() { return syscall(SYS_gettid) == getpid(); }

int OpenSocket(int family, int type, int protocol) {
  return socket(family, type | SOCK_CLOEXEC, protocol);
}

int OpenSocketPair(int family, int type, int protocol, int fds[2]) {
  return socketpair(family, type | SOCK_CLOEXEC, protocol, fds);
}

int AcceptSocket(int fd, sockaddr* address, socklen_t* length, bool nonblocking) {
  return accept4(fd, address, length, SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0));
}

// The bare system calls: in a process with threads, libc's own pay for thread cancellation at every
// call.
ssize_t SendTo(int fd, const void* data, size_t length, int flags, const sockaddr* address,
               socklen_t address_length) {
  return syscall(SYS_sendto, fd, data, length, flags, address, address_length);
}

ssize_t ReceiveFrom(int fd, void* data, size_t length, int flags, sockaddr* address,
                    socklen_t* address_length) {
  return syscall(SYS_recvfrom, fd, data, length, flags, address, address_length);
}

void CloseDescriptor(int fd) { close(fd); }

}  // namespace bsd_sockets
