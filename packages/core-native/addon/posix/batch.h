#pragma once

#include "binding.h"

// Sending and receiving of many messages in one call: sendmmsg(2) and recvmmsg(2). All arguments
// but the memory are in the call block; its offset and length count messages there.

namespace bsd_sockets {

// `data` and `control` have equal parts for each message; `records` has a Record for each.
int64_t SendBatch(Environment& environment, Bytes data, Bytes records, Bytes control);
int64_t ReceiveBatch(Environment& environment, Bytes data, Bytes records, Bytes control);

// The same by a call for each message, as on a platform without the system calls: for tests.
int64_t SendBatchByOnes(Environment& environment, Bytes data, Bytes records, Bytes control);
int64_t ReceiveBatchByOnes(Environment& environment, Bytes data, Bytes records, Bytes control);

}  // namespace bsd_sockets
