#pragma once

#include "layout.h"

namespace bsd_sockets {

// Those of the structures that every POSIX platform has, but for the beginning of a sockaddr.
std::vector<StructLayout> PosixLayouts();

}  // namespace bsd_sockets
