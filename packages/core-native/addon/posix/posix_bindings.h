#pragma once

#include "bindings.h"

namespace bsd_sockets {

// Those that every POSIX platform has.
void AddPosixBindings(Bindings& bindings);

}  // namespace bsd_sockets
