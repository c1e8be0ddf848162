#include "posix/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "integral.h"
#include "platform.h"
#include "posix/retry.h"

namespace bsd_sockets {

namespace {

// The call block's scalars, as a system call takes them.
struct Transfer {
  int fd;
  int flags;
  double timeout;
  uint8_t* data;
  size_t length;

  Transfer(const CallBlock& block, Bytes bytes)
      : fd(Integral<int>(block.fd)), flags(Integral<int>(block.flags)), timeout(block.timeout) {
    // A view that shrank (its buffer was detached, or resized) is read up to its end and no
    // further.
    const size_t offset = std::min(Integral<size_t>(block.offset), bytes.length);
    data = bytes.data + offset;
    length = std::min(Integral<size_t>(block.length), bytes.length - offset);
    if (flags & kNoWait) timeout = 0;
  }
};

// Whether the rest of the bytes is due: the kernel heeds MSG_WAITALL on a descriptor that is
// blocking underneath only.
bool WaitsForAll(const Environment& environment, const Transfer& transfer) {
  if (!(transfer.flags & MSG_WAITALL) || transfer.flags & MSG_PEEK || transfer.timeout >= 0) {
    return false;
  }
  int type = 0;
  socklen_t length = sizeof(type);
  return Waits(environment, transfer.fd, transfer.timeout) &&
         getsockopt(transfer.fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

}  // namespace

// sendto(2), to the address in the call block unless its length is 0.
Stored Send(Environment& environment, Bytes bytes) {
  CallBlock& block = environment.block();
  const Transfer transfer(block, bytes);
  const auto address_length =
      std::min<socklen_t>(Integral<socklen_t>(block.address_length), sizeof(block.address));
  const auto* address =
      address_length > 0 ? reinterpret_cast<const sockaddr*>(block.address) : nullptr;
  return {Retry(environment, transfer.fd, POLLOUT, transfer.timeout, [&] {
    return SendTo(transfer.fd, transfer.data, transfer.length, transfer.flags, address,
                  address_length);
  })};
}

// Sends all of the bytes, within one time-out; returns 0.
Stored SendAll(Environment& environment, Bytes bytes) {
  const Transfer transfer(environment.block(), bytes);
  size_t sent = 0;
  return {Retry(environment, transfer.fd, POLLOUT, transfer.timeout, [&]() -> int64_t {
    do {
      const ssize_t result = SendTo(transfer.fd, transfer.data + sent, transfer.length - sent,
                                    transfer.flags, nullptr, 0);
      if (result < 0) return -1;
      sent += result;
    } while (sent < transfer.length);
    return 0;
  })};
}

// recvfrom(2). The sender's address goes into the call block unless its length there is 0.
Stored Receive(Environment& environment, Bytes bytes) {
  CallBlock& block = environment.block();
  const Transfer transfer(block, bytes);
  const bool wants_address = block.address_length > 0;
  // As in Python: receiving nothing neither waits nor takes a datagram, unless its sender is asked.
  if (transfer.length == 0 && !wants_address) return {0};
  if (wants_address) memset(block.address, 0, sizeof(block.address));
  auto* address = wants_address ? reinterpret_cast<sockaddr*>(block.address) : nullptr;
  socklen_t address_length = 0;
  size_t done = 0;
  int64_t received;
  do {
    received = Retry(environment, transfer.fd, POLLIN, transfer.timeout, [&] {
      address_length = sizeof(block.address);
      return ReceiveFrom(transfer.fd, transfer.data + done, transfer.length - done, transfer.flags,
                         address, wants_address ? &address_length : nullptr);
    });
    if (received > 0) done += received;
  } while (received > 0 && done < transfer.length && WaitsForAll(environment, transfer));
  if (wants_address) {
    block.address_length = std::min<socklen_t>(address_length, sizeof(block.address));
  }
  // What came before an error is not lost.
  return {received < 0 && done == 0 ? received : static_cast<int64_t>(done)};
}

// What ReceivePooled() receives into from now on.
int64_t RegisterPool(Environment& environment, napi_value buffer) {
  return environment.RegisterPool(buffer) ? 0 : -EINVAL;
}

// Receive() into the registered memory, which saves looking its address up.
Stored ReceivePooled(Environment& environment) {
  const Bytes pool = environment.pool();
  return pool.data ? Receive(environment, pool) : Stored{-EFAULT};
}

}  // namespace bsd_sockets
