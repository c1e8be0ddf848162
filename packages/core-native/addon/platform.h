#pragma once

#include <cstdint>

// What every platform answers beside its bindings and its event set.

namespace bsd_sockets {

// A socket or a file of the kernel, as JavaScript has it.
using Descriptor = int32_t;

bool OnMainThread();
void CloseDescriptor(Descriptor fd);
// Nanoseconds of a clock that is never set.
int64_t Now();

// Errors go to JavaScript as the platform's numbers, of which it has the names. These are the ones
// that a wait begins or ends with.
extern const int kWouldBlock;
extern const int kInterrupted;
// That of a connect which goes on by itself.
extern const int kConnecting;
// That of the last call that failed.
int LastError();

constexpr int64_t kSecond = 1'000'000'000;

}  // namespace bsd_sockets
