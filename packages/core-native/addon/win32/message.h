#pragma once

#include "binding.h"
#include "win32/winsock.h"

// Sending and receiving of messages with control data, one or many. All arguments but the memory
// are in the call block.

namespace bsd_sockets {

// That of constants.tsv, which Windows has no name for.
constexpr size_t kMostBuffers = 1024;

// The buffers of a message: a JavaScript array of Uint8Arrays, or a Uint8Array alone, of which the
// call block's offset and length tell the part that counts.
struct Buffers {
  // The list stays unset: to clear it would take longer than to send a small message.
  Buffers() : count(0), alone(false) {}
  WSABUF list[kMostBuffers];
  size_t count;
  bool alone;
};

bool Read(napi_env env, napi_value value, Buffers* out);

int64_t SendMessages(Environment& environment, Bytes data, Bytes records, Bytes control);
int64_t ReceiveMessages(Environment& environment, Bytes data, Bytes records, Bytes control);
int64_t SendOneMessage(Environment& environment, Buffers& buffers, Bytes control);
int64_t ReceiveOneMessage(Environment& environment, Buffers& buffers, Bytes control);

}  // namespace bsd_sockets
