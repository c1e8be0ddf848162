#pragma once

#include "binding.h"

// Descriptors as such: adopting, duplicating, closing, their flags.

namespace bsd_sockets {

int64_t Own(Environment& environment, int fd);
int64_t Disown(Environment& environment, int fd);
int64_t Duplicate(Environment& environment, int fd);
int64_t Close(Environment& environment, int fd);
int64_t SetNonblocking(Environment& environment, int fd, int on);
int64_t GetInheritable(Environment& environment, int fd);
int64_t SetInheritable(Environment& environment, int fd, int on);

}  // namespace bsd_sockets
