#pragma once

#include "binding.h"

namespace bsd_sockets {

int64_t Poll(Environment& environment, Bytes entries, double timeout);

}  // namespace bsd_sockets
