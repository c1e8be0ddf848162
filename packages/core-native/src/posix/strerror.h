#pragma once

#include "binding.h"

namespace bsd_sockets {

// What the platform calls an errno, or an EAI_* code of getaddrinfo.
napi_value Strerror(Environment& environment, int error);
napi_value GaiStrerror(Environment& environment, int code);

}  // namespace bsd_sockets
