#pragma once

#include <limits.h>
#include <sys/uio.h>

#include "binding.h"

// Sending and receiving of messages with control data. All arguments but the memory are in the call
// block.

namespace bsd_sockets {

// The buffers of a message: a JavaScript array of at most IOV_MAX Uint8Arrays, or a Uint8Array
// alone, of which the call block's offset and length tell the part that counts.
struct Buffers {
  // The list stays unset: to clear it would take longer than to send a small message.
  Buffers() : count(0), alone(false) {}
  iovec list[IOV_MAX];
  size_t count;
  bool alone;
};

bool Read(napi_env env, napi_value value, Buffers* out);

int64_t SendMessage(Environment& environment, Buffers& buffers, Bytes control);
int64_t ReceiveMessage(Environment& environment, Buffers& buffers, Bytes control);

// The same of descriptors (SCM_RIGHTS), which lie in the message of the call block; its control
// length is how many.
int64_t SendRights(Environment& environment, Buffers& buffers);
int64_t ReceiveRights(Environment& environment, Buffers& buffers);

}  // namespace bsd_sockets
