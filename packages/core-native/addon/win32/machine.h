#pragma once

#include "binding.h"

// Of this machine: its name, its interfaces, its texts for errors; and requests of a socket.

namespace bsd_sockets {

napi_value Gethostname(Environment& environment);

// An array of [index, name], or a negative errno.
napi_value IfNameindex(Environment& environment);
int64_t IfNametoindex(Environment& environment, Bytes name);
napi_value IfIndextoname(Environment& environment, double index);

// What the platform calls an errno, an EAI_* code of getaddrinfo, or an h_errno.
napi_value Strerror(Environment& environment, int error);
napi_value GaiStrerror(Environment& environment, int code);

// WSAIoctl, whose argument is what goes in and what comes out.
int64_t Ioctl(Environment& environment, int fd, double request, Bytes argument);
int64_t IoctlSize(Environment& environment, double request);

// Sets the position of a file of Node's.
int64_t Seek(Environment& environment, int file, double offset);

}  // namespace bsd_sockets
