#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <functional>

// The lookups of netdb.h, which two threads may make at once (`linux/netdb.cc`). An entry is gone
// when `take` returns, which is not called where there is none. Each returns an errno, or 0, also
// for what is not in the database. A protocol that is null stands for any; a port is in the order
// of the network.

namespace bsd_sockets {

using TakeHost = std::function<void(const hostent&)>;
using TakeProtocol = std::function<void(const protoent&)>;
using TakeService = std::function<void(const servent&)>;

// `failure` gets an h_errno where there is no entry.
int HostByName(const char* name, const TakeHost& take, int* failure);
int HostByAddress(const void* address, socklen_t length, int family, const TakeHost& take,
                  int* failure);
int ProtocolByName(const char* name, const TakeProtocol& take);
int ServiceByName(const char* name, const char* protocol, const TakeService& take);
int ServiceByPort(int port, const char* protocol, const TakeService& take);

}  // namespace bsd_sockets
