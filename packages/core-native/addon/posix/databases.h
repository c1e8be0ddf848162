#pragma once

#include "lookup.h"

// The databases of netdb.h: hosts, protocols and services. A host is an array [name, aliases,
// addresses] or an h_errno (with the errno behind NETDB_INTERNAL in the call block). Names are
// bytes without NUL; a protocol that is null stands for any. What is missing is -ENOENT.

namespace bsd_sockets {

napi_value Gethostbyaddr(Environment& environment, Bytes sockaddr, Callback done);
napi_value Gethostbyname(Environment& environment, Bytes name, Callback done);
napi_value Getprotobyname(Environment& environment, Bytes name, Callback done);
napi_value Getservbyname(Environment& environment, Bytes name, Bytes protocol, Callback done);
napi_value Getservbyport(Environment& environment, int port, Bytes protocol, Callback done);

}  // namespace bsd_sockets
