#pragma once

#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
// Each needs those before it.
// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <afunix.h>
#include <ws2bth.h>
#include <iphlpapi.h>
#include <netioapi.h>
#include <delayimp.h>
#include <tlhelp32.h>
// clang-format on

#include <cstdint>

#include "platform.h"

// Winsock. Every socket is non-blocking underneath, and whoever should wait waits in `wait.cc`:
// Windows does not tell which mode a socket has, and a worker could not be ended in a call.

namespace bsd_sockets {

// A SOCKET is a handle, of which 32 bits count.
inline SOCKET SocketOf(Descriptor fd) { return static_cast<SOCKET>(static_cast<intptr_t>(fd)); }

// The errno of one of Winsock's errors, as CPython has it: six are those of C, 10000 less.
int ErrnoOf(int error);
// That of the last call, negated.
int64_t Failure();

// Makes a new socket one of ours: non-blocking, not inherited by programs. Its descriptor, or a
// negative errno, where it is INVALID_SOCKET that of the last call.
int64_t Adopt(SOCKET socket);

// An option that is one number; -1, or less, where there is none.
int IntegerOption(Descriptor fd, int level, int option);

}  // namespace bsd_sockets
