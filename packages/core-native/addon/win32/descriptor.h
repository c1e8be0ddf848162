#pragma once

#include "binding.h"

// Sockets as such: adopting, duplicating, handing over, closing.

namespace bsd_sockets {

int64_t Own(Environment& environment, int fd);
int64_t Disown(Environment& environment, int fd);
int64_t Duplicate(Environment& environment, int fd);
// What another process makes a socket of, a WSAPROTOCOL_INFOW, or a negative errno.
napi_value Share(Environment& environment, int fd, double process);
// -EINVAL for bytes of another length.
int64_t FromShare(Environment& environment, Bytes info);
int64_t Close(Environment& environment, int fd);
int64_t SetNonblocking(Environment& environment, int fd, int on);
int64_t GetInheritable(Environment& environment, int fd);
int64_t SetInheritable(Environment& environment, int fd, int on);

}  // namespace bsd_sockets
