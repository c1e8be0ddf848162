#pragma once

#include "lookup.h"

namespace bsd_sockets {

napi_value Getaddrinfo(Environment& environment, Bytes host, Bytes service, int family, int type,
                       int protocol, int flags, Callback done);
napi_value Getnameinfo(Environment& environment, Bytes sockaddr, int flags, Callback done);

}  // namespace bsd_sockets
