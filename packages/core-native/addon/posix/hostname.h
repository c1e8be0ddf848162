#pragma once

#include "binding.h"

namespace bsd_sockets {

napi_value Gethostname(Environment& environment);
int64_t Sethostname(Environment&, Bytes name);

}  // namespace bsd_sockets
