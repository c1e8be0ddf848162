#include <cstdint>

#include "environment.h"
#include "posix/transfer.h"

// The calls of the hot path for the engine's own FFI, which takes a fraction of Node-API's time to
// get here. Their only argument is what `ffiEnvironment` of the exports is: a number, since an
// engine hands over no other so fast.

namespace bsd_sockets {

namespace {

template <auto Function>
void Call(double environment) {
  auto& own = *reinterpret_cast<Environment*>(static_cast<intptr_t>(environment));
  own.block().result = static_cast<int32_t>(Function(own).result);
}

}  // namespace

}  // namespace bsd_sockets

extern "C" {

#define BSD_SOCKETS_EXPORT __attribute__((visibility("default"), used))

BSD_SOCKETS_EXPORT void bsd_sockets_receive_known(double environment) {
  bsd_sockets::Call<bsd_sockets::ReceiveKnown>(environment);
}

BSD_SOCKETS_EXPORT void bsd_sockets_send_known(double environment) {
  bsd_sockets::Call<bsd_sockets::SendKnown>(environment);
}

BSD_SOCKETS_EXPORT void bsd_sockets_sendall_known(double environment) {
  bsd_sockets::Call<bsd_sockets::SendAllKnown>(environment);
}
}
