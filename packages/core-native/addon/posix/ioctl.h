#pragma once

#include "binding.h"

namespace bsd_sockets {

int64_t Ioctl(Environment& environment, int fd, double request, Bytes argument);
int64_t IoctlNumber(Environment& environment, int fd, double request, double argument);
int64_t IoctlSize(Environment& environment, double request);

}  // namespace bsd_sockets
