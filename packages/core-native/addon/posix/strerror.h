#pragma once

#include "binding.h"

namespace bsd_sockets {

// What the platform calls an errno, an EAI_* code of getaddrinfo, or an h_errno.
napi_value Strerror(Environment& environment, int error);
napi_value GaiStrerror(Environment& environment, int code);
napi_value Hstrerror(Environment& environment, int code);

}  // namespace bsd_sockets
