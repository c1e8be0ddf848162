#pragma once

#include "binding.h"

namespace bsd_sockets {

int64_t Ioctl(Environment& environment, int fd, double request, Bytes argument);

}  // namespace bsd_sockets
