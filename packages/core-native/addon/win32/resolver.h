#pragma once

#include "lookup.h"

// Names, services and protocols. What is missing in a database is -ENOENT; a host an error code of
// its own (HOST_NOT_FOUND and its kin). Names are bytes without NUL; a protocol that is null stands
// for any.

namespace bsd_sockets {

napi_value Getaddrinfo(Environment& environment, Bytes host, Bytes service, int family, int type,
                       int protocol, int flags, Callback done);
napi_value Getnameinfo(Environment& environment, Bytes sockaddr, int flags, Callback done);
napi_value Gethostbyaddr(Environment& environment, Bytes sockaddr, Callback done);
napi_value Gethostbyname(Environment& environment, Bytes name, Callback done);
napi_value Getprotobyname(Environment& environment, Bytes name, Callback done);
napi_value Getservbyname(Environment& environment, Bytes name, Bytes protocol, Callback done);
napi_value Getservbyport(Environment& environment, int port, Bytes protocol, Callback done);

}  // namespace bsd_sockets
