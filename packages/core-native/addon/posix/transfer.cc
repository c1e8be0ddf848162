#include "posix/transfer.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "posix/system.h"
#include "posix/wait-all.h"
#include "retry.h"

namespace bsd_sockets {

namespace {

// The call block's scalars, as a system call takes them. What is rare makes its own: one that is
// handed to a function is kept in memory, not in registers.
struct Transfer {
  int fd;
  int flags;
  double timeout;
  Bytes bytes;

  Transfer(Environment& environment, Bytes whole)
      : fd(environment.block().fd),
        flags(environment.block().flags),
        timeout(flags & kNoWait ? 0 : environment.block().timeout),
        bytes(environment.block().Part(whole)) {
    flags = KernelFlags(environment, flags, timeout);
  }
};

// What to send where JavaScript hands nothing over.
Bytes Known(Environment& environment) {
  CallBlock& block = environment.block();
  if (block.message_length == 0) return environment.sent;
  return {block.message, std::min<size_t>(block.message_length, sizeof(block.message))};
}

// Sends the rest of a datagram of which the kernel took a part, as J1939 does when its buffer is
// full: all of it goes, or the call fails. What a stream took is for the caller to see.
[[gnu::cold, gnu::noinline]] int64_t SendRest(Environment& environment, Bytes bytes, int64_t sent,
                                              const sockaddr* address, socklen_t address_length) {
  const Transfer transfer(environment, bytes);
  int type = 0;
  socklen_t length = sizeof(type);
  if (!Waits(environment, transfer.fd, transfer.timeout) ||
      getsockopt(transfer.fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 || type != SOCK_DGRAM) {
    return sent;
  }
  const auto whole = static_cast<int64_t>(transfer.bytes.length);
  while (sent < whole) {
    const int64_t result =
        Retry(environment, transfer.fd, kWritable, transfer.timeout, SendTo, transfer.fd,
              transfer.bytes.data + sent, transfer.bytes.length - static_cast<size_t>(sent),
              transfer.flags, address, address_length);
    if (result <= 0) return result < 0 ? result : sent;
    sent += result;
  }
  return sent;
}

// sendto(2), to the address in the call block unless its length is 0.
Stored SendFrom(Environment& environment, Bytes bytes) {
  CallBlock& block = environment.block();
  if (!block.IsWithin(bytes)) return {-EFAULT};
  const Transfer transfer(environment, bytes);
  const auto address_length = std::min<socklen_t>(block.address_length, sizeof(block.address));
  const auto* address =
      address_length > 0 ? reinterpret_cast<const sockaddr*>(block.address) : nullptr;
  const int64_t sent =
      Retry(environment, transfer.fd, kWritable, transfer.timeout, SendTo, transfer.fd,
            transfer.bytes.data, transfer.bytes.length, transfer.flags, address, address_length);
  if (sent < 0 || sent == static_cast<int64_t>(transfer.bytes.length)) return {sent};
  return {SendRest(environment, bytes, sent, address, address_length)};
}

// Sends all of the bytes, within one timeout; returns 0.
Stored SendAllFrom(Environment& environment, Bytes bytes) {
  const CallBlock& block = environment.block();
  if (!block.IsWithin(bytes)) return {-EFAULT};
  const Transfer transfer(environment, bytes);
  size_t sent = 0;
  return {Retry(environment, transfer.fd, kWritable, transfer.timeout, [&]() -> int64_t {
    do {
      const ssize_t result = SendTo(transfer.fd, transfer.bytes.data + sent,
                                    transfer.bytes.length - sent, transfer.flags, nullptr, 0);
      if (result < 0) return -1;
      sent += result;
    } while (sent < transfer.bytes.length);
    return 0;
  })};
}

// One recvfrom(2). The sender's address goes into the call block unless its length there is 0.
inline int64_t ReceiveOnce(Environment& environment, const Transfer& transfer) {
  CallBlock& block = environment.block();
  sockaddr* address = nullptr;
  socklen_t* address_length = nullptr;
  if (block.address_length > 0) {
    // As many bytes of it as the kernel tells are new, and no others are read.
    address = reinterpret_cast<sockaddr*>(block.address);
    address_length = &block.address_length;
    *address_length = sizeof(block.address);
  }
  const int64_t received =
      Retry(environment, transfer.fd, kReadable, transfer.timeout, ReceiveFrom, transfer.fd,
            transfer.bytes.data, transfer.bytes.length, transfer.flags, address, address_length);
  // A kernel may report more than it could write.
  if (address_length) *address_length = std::min<socklen_t>(*address_length, sizeof(block.address));
  if (received != -kShutDown) return received;
  if (address_length) *address_length = 0;
  return 0;
}

// Receives until there are as many bytes as were asked for.
[[gnu::cold, gnu::noinline]] int64_t ReceiveAll(Environment& environment, Bytes whole) {
  const int64_t begin = Now();
  const Transfer transfer(environment, whole);
  const int64_t received = ReceiveOnce(environment, transfer);
  if (received <= 0) return received;
  // A result in the call block has 31 bits.
  iovec buffer = {transfer.bytes.data, std::min<size_t>(transfer.bytes.length, INT32_MAX)};
  msghdr header = {};
  header.msg_iov = &buffer;
  header.msg_iovlen = 1;
  return ReceiveRest(environment, &header, 0, begin, received);
}

Stored ReceiveInto(Environment& environment, Bytes whole) {
  const CallBlock& block = environment.block();
  if (!block.IsWithin(whole)) return {-EFAULT};
  const Transfer transfer(environment, whole);
  // As in Python: receiving nothing neither waits nor takes a datagram, unless its sender is asked.
  if (transfer.bytes.length == 0 && block.address_length == 0) return {0};
  if (transfer.flags & MSG_WAITALL) return {ReceiveAll(environment, whole)};
  return {ReceiveOnce(environment, transfer)};
}

}  // namespace

Stored Send(Environment& environment, Bytes bytes) {
  return SendFrom(environment, environment.sent = bytes);
}

Stored SendKnown(Environment& environment) { return SendFrom(environment, Known(environment)); }

Stored SendAll(Environment& environment, Bytes bytes) {
  return SendAllFrom(environment, environment.sent = bytes);
}

Stored SendAllKnown(Environment& environment) {
  return SendAllFrom(environment, Known(environment));
}

Stored Receive(Environment& environment, Bytes bytes) {
  return ReceiveInto(environment, environment.received = bytes);
}

Stored ReceiveKnown(Environment& environment) {
  return ReceiveInto(environment, environment.received);
}

}  // namespace bsd_sockets
