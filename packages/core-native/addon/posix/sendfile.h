#pragma once

#include "binding.h"

// Files that a socket sends.

namespace bsd_sockets {

int64_t Sendfile(Environment& environment, int fd, int file, double offset, double count,
                 double timeout);
int64_t Seek(Environment& environment, int fd, double offset);

}  // namespace bsd_sockets
