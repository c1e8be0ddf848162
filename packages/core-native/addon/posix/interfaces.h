#pragma once

#include "binding.h"

namespace bsd_sockets {

napi_value IfNameindex(Environment& environment);
int64_t IfNametoindex(Environment&, Bytes name);
napi_value IfIndextoname(Environment& environment, double index);

}  // namespace bsd_sockets
