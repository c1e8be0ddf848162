#pragma once

#include "binding.h"

// One call of Winsock on a socket each. Addresses that come back are in the call block, their
// length in its `address_length`.

namespace bsd_sockets {

int64_t Socket(Environment& environment, int family, int type, int protocol, int nonblocking);
int64_t SocketPair(Environment& environment, int family, int type, int protocol, int nonblocking);
int64_t Bind(Environment& environment, int fd, Bytes address);
int64_t Listen(Environment& environment, int fd, int backlog);
int64_t Accept(Environment& environment, int fd, int nonblocking, double timeout);
int64_t Connect(Environment& environment, int fd, Bytes address, double timeout);
int64_t FinishConnect(Environment& environment, int fd, Bytes address);
int64_t Shutdown(Environment& environment, int fd, int how);
int64_t Getsockname(Environment& environment, int fd);
int64_t Getpeername(Environment& environment, int fd);
// What a socket was opened with.
int64_t GetFamily(Environment&, int fd);
int64_t GetProtocol(Environment&, int fd);
int64_t Getsockopt(Environment& environment, int fd, int level, int option, Bytes value);
int64_t Setsockopt(Environment& environment, int fd, int level, int option, Bytes value,
                   int length);

}  // namespace bsd_sockets
