#include "win32/transfer.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "retry.h"
#include "win32/watch.h"

namespace bsd_sockets {

namespace {

int AtMost(size_t length) { return static_cast<int>(std::min<size_t>(length, INT_MAX)); }

// What to send where JavaScript hands nothing over.
Bytes Known(Environment& environment) {
  CallBlock& block = environment.block();
  if (block.message_length == 0) return environment.sent;
  return {block.message, std::min<size_t>(block.message_length, sizeof(block.message))};
}

// To the address in the call block unless its length is 0.
Stored SendFrom(Environment& environment, Bytes whole) {
  const CallBlock& block = environment.block();
  if (!block.IsWithin(whole)) return {-EFAULT};
  const Bytes bytes = block.Part(whole);
  const auto* data = reinterpret_cast<const char*>(bytes.data);
  const auto* address = reinterpret_cast<const sockaddr*>(block.address);
  const int address_length = std::min<int>(AtMost(block.address_length), sizeof(block.address));
  return {Retry(environment, block.fd, kWritable, block.timeout, [&] {
    const SOCKET socket = SocketOf(block.fd);
    return Tried(environment, block.fd, kWritable,
                 address_length > 0 ? sendto(socket, data, AtMost(bytes.length), block.flags,
                                             address, address_length)
                                    : send(socket, data, AtMost(bytes.length), block.flags));
  })};
}

// Sends all of the bytes, within one timeout; returns 0.
Stored SendAllFrom(Environment& environment, Bytes whole) {
  const CallBlock& block = environment.block();
  if (!block.IsWithin(whole)) return {-EFAULT};
  const Bytes bytes = block.Part(whole);
  size_t sent = 0;
  return {Retry(environment, block.fd, kWritable, block.timeout, [&]() -> int64_t {
    do {
      const int result = send(SocketOf(block.fd), reinterpret_cast<const char*>(bytes.data) + sent,
                              AtMost(bytes.length - sent), block.flags);
      if (result < 0) return Tried(environment, block.fd, kWritable, -1);
      sent += static_cast<size_t>(result);
    } while (sent < bytes.length);
    return 0;
  })};
}

// Whether the rest of the bytes is due.
bool WaitsForAll(const CallBlock& block) {
  return !(block.flags & MSG_PEEK) && block.timeout < 0 &&
         IntegerOption(block.fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM;
}

// The sender's address goes into the call block unless its length there is 0.
Stored ReceiveInto(Environment& environment, Bytes whole) {
  CallBlock& block = environment.block();
  if (!block.IsWithin(whole)) return {-EFAULT};
  const Bytes bytes = block.Part(whole);
  const bool asks_sender = block.address_length > 0;
  // As in Python: receiving nothing neither waits nor takes a datagram, unless its sender is asked.
  if (bytes.length == 0 && !asks_sender) return {0};
  if (asks_sender) memset(block.address, 0, sizeof(block.address));
  // A socket that is non-blocking takes no MSG_WAITALL.
  const int flags = block.flags & ~MSG_WAITALL;
  int address_length = 0;
  const auto most = static_cast<size_t>(AtMost(bytes.length));
  size_t done = 0;
  int64_t received;
  do {
    received = Retry(environment, block.fd, kReadable, block.timeout, [&] {
      const SOCKET socket = SocketOf(block.fd);
      auto* data = reinterpret_cast<char*>(bytes.data) + done;
      const auto room = static_cast<int>(most - done);
      address_length = sizeof(block.address);
      const int result = asks_sender
                             ? recvfrom(socket, data, room, flags,
                                        reinterpret_cast<sockaddr*>(block.address), &address_length)
                             : recv(socket, data, room, flags);
      // JavaScript takes a stream for emptied then.
      if (result > 0 && result < room) Rearm(environment, block.fd, kReadable);
      return Tried(environment, block.fd, kReadable, result);
    });
    if (received > 0) done += static_cast<size_t>(received);
  } while (block.flags & MSG_WAITALL && received > 0 && done < most && WaitsForAll(block));
  if (asks_sender) {
    // A connected stream has no sender to tell, and the length is left as it was.
    const bool told = received >= 0 && reinterpret_cast<sockaddr*>(block.address)->sa_family != 0;
    block.address_length = told ? std::min<uint32_t>(address_length, sizeof(block.address)) : 0;
  }
  // What came before an error is not lost.
  return {received < 0 && done == 0 ? received : static_cast<int64_t>(done)};
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
