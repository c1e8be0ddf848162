#pragma once

// The order counts on FreeBSD.
#include <sys/types.h>
// clang-format off
#include <sys/event.h>
#include <sys/time.h>
// clang-format on

namespace bsd_sockets {

// One that a program which is started does not inherit, or -1.
int OpenKqueue();

}  // namespace bsd_sockets
