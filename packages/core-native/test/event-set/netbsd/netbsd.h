// The sockets of a NetBSD kernel inside of this process (a rump kernel) under the names of POSIX,
// for contract.cc and the event set of addon/bsd: scripts/kqueue.sh includes this first. The
// kernel's numbers and structures are NetBSD's, the C library is Linux'.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

extern "C" {
int rump___sysimpl_accept(int, void*, socklen_t*);
int rump___sysimpl_bind(int, const void*, socklen_t);
int rump___sysimpl_close(int);
int rump___sysimpl_connect(int, const void*, socklen_t);
int rump___sysimpl_dup(int);
int rump___sysimpl_fcntl(int, int, void*);
int rump___sysimpl_getsockname(int, void*, socklen_t*);
int rump___sysimpl_getsockopt(int, int, int, void*, socklen_t*);
int rump___sysimpl_listen(int, int);
int rump___sysimpl_poll(void*, unsigned, int);
ssize_t rump___sysimpl_recvfrom(int, void*, size_t, int, void*, socklen_t*);
ssize_t rump___sysimpl_sendto(int, const void*, size_t, int, const void*, socklen_t);
int rump___sysimpl_setsockopt(int, int, int, const void*, socklen_t);
int rump___sysimpl_shutdown(int, int);
int rump___sysimpl_socket30(int, int, int);
int rump___sysimpl_socketpair(int, int, int, int*);
}

namespace netbsd {

// Whose first byte is the length, which the kernel fills in.
struct sockaddr_in {
  uint8_t sin_len;
  uint8_t sin_family;
  in_port_t sin_port;
  in_addr sin_addr;
  char sin_zero[8];
};

inline int fcntl(int fd, int command, int flags = 0) {
  return rump___sysimpl_fcntl(fd, command, reinterpret_cast<void*>(static_cast<intptr_t>(flags)));
}

inline ssize_t recv(int fd, void* data, size_t length, int flags) {
  return rump___sysimpl_recvfrom(fd, data, length, flags, nullptr, nullptr);
}

inline ssize_t send(int fd, const void* data, size_t length, int flags) {
  return rump___sysimpl_sendto(fd, data, length, flags, nullptr, 0);
}

}  // namespace netbsd

#define sockaddr_in netbsd::sockaddr_in
#define fcntl netbsd::fcntl
#define recv netbsd::recv
#define send netbsd::send
#define accept rump___sysimpl_accept
#define bind rump___sysimpl_bind
#define close rump___sysimpl_close
#define connect rump___sysimpl_connect
#define dup rump___sysimpl_dup
#define getsockname rump___sysimpl_getsockname
#define getsockopt rump___sysimpl_getsockopt
#define listen rump___sysimpl_listen
#define poll rump___sysimpl_poll
#define sendto rump___sysimpl_sendto
#define setsockopt rump___sysimpl_setsockopt
#define shutdown rump___sysimpl_shutdown
#define socket rump___sysimpl_socket30
#define socketpair rump___sysimpl_socketpair

// Those whose numbers differ; AF_INET, F_GETFL, MSG_OOB, POLLIN, SHUT_WR and SOCK_STREAM do not.
#undef EAGAIN
#define EAGAIN 35
#undef ECONNREFUSED
#define ECONNREFUSED 61
#undef ECONNRESET
#define ECONNRESET 54
#undef O_NONBLOCK
#define O_NONBLOCK 4
#undef SOL_SOCKET
#define SOL_SOCKET 0xffff
#undef SO_ERROR
#define SO_ERROR 0x1007
#undef SO_LINGER
#define SO_LINGER 0x80
