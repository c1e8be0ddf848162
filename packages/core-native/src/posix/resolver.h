#pragma once

#include "binding.h"

namespace bsd_sockets {

napi_value Getaddrinfo(Environment& environment, Bytes host, Bytes service, int family, int type,
                       int protocol, int flags);
napi_value Getnameinfo(Environment& environment, Bytes sockaddr, int flags);

}  // namespace bsd_sockets
