#pragma once

#include "binding.h"

namespace bsd_sockets {

int64_t SetFilter(Environment& environment, int fd, int level, int option, Bytes program);

}  // namespace bsd_sockets
