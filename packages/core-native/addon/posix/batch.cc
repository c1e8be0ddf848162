#include "posix/batch.h"

#include <limits.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstdint>

#include "integral.h"
#include "posix/message-loop.h"
#include "posix/system.h"
#include "posix/transfer.h"
#include "posix/wait-all.h"
#include "retry.h"

namespace bsd_sockets {

namespace {

// Numbers and address of a message; `message-batch.ts` has the same layout.
struct Record {
  int32_t length;          // bytes of data: to send, or received (with MSG_TRUNC more than fit)
  int32_t flags;           // out: msg_flags
  int32_t address_length;  // bytes of `address` that count, 0 for none
  int32_t control_length;  // bytes of control data
  uint8_t address[sizeof(sockaddr_storage)];
};

size_t AtMost(size_t most, int32_t length) {
  return std::min(most, static_cast<size_t>(std::max(length, 0)));
}

// The call block's scalars and the memory, as the system calls take them.
struct Batch {
  int fd;
  int flags;
  double timeout;
  Record* records;
  unsigned count;
  size_t size;
  size_t control_size;
  // What no message needs stays unset: to clear it all would take longer than to send a few.
  BatchMessage messages[IOV_MAX];
  iovec buffers[IOV_MAX];

  Batch(Environment& environment, Bytes data, Bytes record_bytes, Bytes control)
      : Batch(environment.block(), data, record_bytes, control) {
    flags = KernelFlags(environment, flags, timeout);
  }

 private:
  Batch(const CallBlock& block, Bytes data, Bytes record_bytes, Bytes control)
      : fd(block.fd),
        flags(block.flags),
        timeout(flags & kNoWait ? 0 : block.timeout),
        records(nullptr),
        count(0),
        size(0),
        control_size(0) {
    // Memory that was taken away holds no messages, and nobody else's memory is aligned otherwise.
    const size_t room = record_bytes.length / sizeof(Record);
    if (room == 0 || reinterpret_cast<uintptr_t>(record_bytes.data) % alignof(Record) != 0) return;
    const size_t first = std::min(Integral<size_t>(block.offset), room);
    records = reinterpret_cast<Record*>(record_bytes.data) + first;
    count = std::min({Integral<size_t>(block.length), room - first, static_cast<size_t>(IOV_MAX)});
    size = data.length / room;
    control_size = control.length / room;
    for (unsigned index = 0; index < count; index++) {
      buffers[index] = {data.data + (first + index) * size, size};
      msghdr& header = messages[index].header;
      header = {};
      header.msg_iov = &buffers[index];
      header.msg_iovlen = 1;
      header.msg_name = records[index].address;
      header.msg_namelen = sizeof(records[index].address);
      if (control_size > 0) header.msg_control = control.data + (first + index) * control_size;
      header.msg_controllen = control_size;
    }
  }
};

using BatchCall = int (*)(int fd, BatchMessage* messages, unsigned count, int flags);

// Leaves out what was sent of a message. Its control data went with the first byte.
void Skip(msghdr& header, size_t sent) {
  iovec& buffer = *header.msg_iov;
  buffer = {static_cast<uint8_t*>(buffer.iov_base) + sent, buffer.iov_len - sent};
  header.msg_control = nullptr;
  header.msg_controllen = 0;
}

// What is left of a message of which a stream took a part is sent before anything else. The call
// block has how much of the first message was sent before, and then how much was sent of the first
// that does not count, with the error that stopped it.
template <BatchCall Call>
int64_t SendWith(Environment& environment, Bytes data, Bytes record_bytes, Bytes control) {
  CallBlock& block = environment.block();
  Batch batch(environment, data, record_bytes, control);
  for (unsigned index = 0; index < batch.count; index++) {
    const Record& record = batch.records[index];
    msghdr& header = batch.messages[index].header;
    header.msg_iov->iov_len = AtMost(batch.size, record.length);
    header.msg_namelen = AtMost(sizeof(record.address), record.address_length);
    if (header.msg_namelen == 0) header.msg_name = nullptr;
    header.msg_controllen = AtMost(batch.control_size, record.control_length);
  }
  size_t part = 0;
  if (batch.count > 0 && block.control_length > 0) {
    part = AtMost(batch.buffers[0].iov_len, block.control_length);
    Skip(batch.messages[0].header, part);
  }
  unsigned done = 0;
  const int64_t result = Retry(environment, batch.fd, kWritable, batch.timeout, [&]() -> int64_t {
    // A blocking socket sends all, also where the descriptor underneath is non-blocking or a signal
    // interrupts it.
    do {
      const int sent = Call(batch.fd, batch.messages + done, batch.count - done, batch.flags);
      if (sent <= 0) return sent;
      const auto& [header, length] = batch.messages[done + sent - 1];
      const bool whole = length == 0 || length >= header.msg_iov->iov_len;
      if (whole || sent > 1) part = 0;
      done += whole ? sent : sent - 1;
      if (!whole) {
        part += length;
        Skip(batch.messages[done].header, length);
      }
    } while (done < batch.count && (batch.timeout < 0 || part > 0));
    return done;
  });
  block.control_length = static_cast<int32_t>(part);
  block.result = static_cast<int32_t>(result);
  return done > 0 ? done : result;
}

// Received descriptors are close-on-exec, and the caller's to close.
template <BatchCall Call>
int64_t ReceiveWith(Environment& environment, Bytes data, Bytes record_bytes, Bytes control) {
  Batch batch(environment, data, record_bytes, control);
  const int64_t begin = batch.flags & MSG_WAITALL ? Now() : 0;
  // A message behind a part could get what belongs to it.
  const unsigned count = WaitsForAll(environment) ? std::min(batch.count, 1u) : batch.count;
  int64_t received = Retry(environment, batch.fd, kReadable, batch.timeout,
                           [&] { return Call(batch.fd, batch.messages, count, batch.flags); });
  if (received == 1 && batch.flags & MSG_WAITALL && batch.messages[0].length > 0) {
    auto& [header, length] = batch.messages[0];
    length = ReceiveRest(environment, &header, batch.control_size, begin, length);
  }
  if (received == -kShutDown) {
    // One message that is empty, as of recvmmsg(2).
    batch.messages[0].header = {};
    batch.messages[0].length = 0;
    received = std::min(batch.count, 1u);
  }
  for (int64_t index = 0; index < received; index++) {
    const auto& [header, length] = batch.messages[index];
    Record& record = batch.records[index];
    record.length = length;
    record.flags = header.msg_flags;
    record.address_length = std::min<size_t>(header.msg_namelen, sizeof(record.address));
    record.control_length = std::min<size_t>(header.msg_controllen, batch.control_size);
  }
  return received;
}

}  // namespace

int64_t SendBatch(Environment& environment, Bytes data, Bytes records, Bytes control) {
  return SendWith<SendMMsg>(environment, data, records, control);
}

int64_t ReceiveBatch(Environment& environment, Bytes data, Bytes records, Bytes control) {
  return ReceiveWith<ReceiveMMsg>(environment, data, records, control);
}

int64_t SendBatchByOnes(Environment& environment, Bytes data, Bytes records, Bytes control) {
  return SendWith<SendOneByOne>(environment, data, records, control);
}

int64_t ReceiveBatchByOnes(Environment& environment, Bytes data, Bytes records, Bytes control) {
  return ReceiveWith<ReceiveOneByOne>(environment, data, records, control);
}

}  // namespace bsd_sockets
