#include "win32/message.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>

#include "integral.h"
#include "retry.h"
#include "win32/watch.h"

namespace bsd_sockets {

namespace {

bool ReadBuffer(napi_env env, napi_value value, WSABUF* out) {
  Bytes bytes;
  if (!Read(env, value, &bytes) || !bytes.data) return false;
  out->buf = reinterpret_cast<CHAR*>(bytes.data);
  out->len = static_cast<ULONG>(std::min<size_t>(bytes.length, ULONG_MAX));
  return true;
}

// Whether the buffers are as long as the call block says. Of a single one it takes the part that
// counts.
bool Fits(const CallBlock& block, Buffers& buffers) {
  if (buffers.alone) {
    WSABUF& buffer = buffers.list[0];
    const Bytes whole = {reinterpret_cast<uint8_t*>(buffer.buf), buffer.len};
    if (!block.IsWithin(whole)) return false;
    const auto [data, length] = block.Part(whole);
    buffer.buf = reinterpret_cast<CHAR*>(data);
    buffer.len = static_cast<ULONG>(length);
    return true;
  }
  size_t length = 0;
  for (size_t index = 0; index < buffers.count; index++) length += buffers.list[index].len;
  return static_cast<double>(length) == block.length;
}

// A function that is no export, but one of the provider's; null where there is none.
template <typename Function>
Function ExtensionOf(SOCKET socket, GUID name) {
  static std::atomic<Function> known = nullptr;
  Function function = known;
  if (function) return function;
  DWORD written = 0;
  if (WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof(name), &function,
               sizeof(function), &written, nullptr, nullptr) != 0) {
    return nullptr;
  }
  return known = function;
}

bool IsStream(Descriptor fd) { return IntegerOption(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM; }

// -1 for a failure, as the functions that this is for.
int64_t Count(int failed, DWORD bytes) { return failed ? -1 : static_cast<int64_t>(bytes); }

// A stream has no messages, but gathers and scatters.
int64_t SendTo(Descriptor fd, WSAMSG& message, DWORD flags) {
  const SOCKET socket = SocketOf(fd);
  DWORD sent = 0;
  if (message.Control.len == 0) {
    const int failed =
        WSASendTo(socket, message.lpBuffers, message.dwBufferCount, &sent, flags,
                  message.namelen > 0 ? message.name : nullptr, message.namelen, nullptr, nullptr);
    return Count(failed, sent);
  }
  const GUID name = WSAID_WSASENDMSG;
  const auto send = ExtensionOf<LPFN_WSASENDMSG>(socket, name);
  if (!send || IsStream(fd)) {
    WSASetLastError(WSAEOPNOTSUPP);
    return -1;
  }
  const int failed = send(socket, &message, flags, &sent, nullptr, nullptr);
  return Count(failed, sent);
}

int64_t ReceiveFrom(Descriptor fd, WSAMSG& message) {
  const SOCKET socket = SocketOf(fd);
  DWORD received = 0;
  const GUID name = WSAID_WSARECVMSG;
  const auto receive = IsStream(fd) ? nullptr : ExtensionOf<LPFN_WSARECVMSG>(socket, name);
  const DWORD flags = message.dwFlags & ~static_cast<DWORD>(MSG_WAITALL);
  if (receive) {
    message.dwFlags = flags;
    const int failed = receive(socket, &message, &received, nullptr, nullptr);
    if (!failed || WSAGetLastError() != WSAEMSGSIZE) return Count(failed, received);
  } else {
    message.namelen = 0;
    message.Control.len = 0;
    message.dwFlags = flags;
    const int failed = WSARecv(socket, message.lpBuffers, message.dwBufferCount, &received,
                               &message.dwFlags, nullptr, nullptr);
    message.dwFlags = 0;
    if (!failed || WSAGetLastError() != WSAEMSGSIZE) return Count(failed, received);
  }
  // What fits of a message is there, and the flags tell that there was more.
  message.dwFlags |= MSG_TRUNC;
  int64_t room = 0;
  for (DWORD index = 0; index < message.dwBufferCount; index++)
    room += message.lpBuffers[index].len;
  return room;
}

WSABUF ControlOf(Bytes control) {
  return {static_cast<ULONG>(control.length), reinterpret_cast<CHAR*>(control.data)};
}

// Numbers and address of a message of a batch; `message-batch.ts` has the same layout.
struct Record {
  int32_t length;          // bytes of data: to send, or received
  int32_t flags;           // out: those of the message
  int32_t address_length;  // bytes of `address` that count, 0 for none
  int32_t control_length;  // bytes of control data
  uint8_t address[sizeof(sockaddr_storage)];
};

size_t AtMost(size_t most, int32_t length) {
  return std::min(most, static_cast<size_t>(std::max(length, 0)));
}

// The parts of the memory of a batch, whose offset and length count messages.
struct Batch {
  Record* records = nullptr;
  size_t first = 0;
  size_t count = 0;
  Bytes data;
  Bytes control;
  size_t size = 0;
  size_t control_size = 0;

  Batch(const CallBlock& block, Bytes all, Bytes record_bytes, Bytes all_control)
      : data(all), control(all_control) {
    const size_t room = record_bytes.length / sizeof(Record);
    if (room == 0 || reinterpret_cast<uintptr_t>(record_bytes.data) % alignof(Record) != 0) return;
    first = std::min(Integral<size_t>(block.offset), room);
    records = reinterpret_cast<Record*>(record_bytes.data);
    count = std::min({Integral<size_t>(block.length), room - first, kMostBuffers});
    size = all.length / room;
    control_size = all_control.length / room;
  }

  // Message `index`, as it is received into; what it says of its lengths is for a send.
  WSAMSG At(size_t index, WSABUF* buffer) const {
    const size_t place = first + index;
    buffer->buf = reinterpret_cast<CHAR*>(data.data + place * size);
    buffer->len = static_cast<ULONG>(size);
    Record& record = records[place];
    WSAMSG message = {};
    message.name = reinterpret_cast<sockaddr*>(record.address);
    message.namelen = sizeof(record.address);
    message.lpBuffers = buffer;
    message.dwBufferCount = 1;
    if (control_size > 0) {
      message.Control = ControlOf({control.data + place * control_size, control_size});
    }
    return message;
  }
};

// Whether a receive would find a message. An error that waits is left to the next call.
bool HasMessage(Descriptor fd) {
  WSAPOLLFD entry = {SocketOf(fd), POLLIN, 0};
  return WSAPoll(&entry, 1, 0) == 1 && (entry.revents & (POLLIN | POLLERR)) != POLLERR;
}

}  // namespace

bool Read(napi_env env, napi_value value, Buffers* out) {
  bool is_array;
  if (napi_is_array(env, value, &is_array) != napi_ok) return false;
  if (!is_array) {
    out->count = 1;
    out->alone = true;
    return ReadBuffer(env, value, out->list);
  }
  uint32_t count;
  if (napi_get_array_length(env, value, &count) != napi_ok || count > kMostBuffers) return false;
  // All elements first: to read one may run a getter, which could take away another's memory.
  napi_value elements[kMostBuffers];
  for (uint32_t index = 0; index < count; index++) {
    if (napi_get_element(env, value, index, &elements[index]) != napi_ok) return false;
  }
  for (uint32_t index = 0; index < count; index++) {
    if (!ReadBuffer(env, elements[index], &out->list[index])) return false;
  }
  out->count = count;
  return true;
}

int64_t SendOneMessage(Environment& environment, Buffers& buffers, Bytes control) {
  CallBlock& block = environment.block();
  if (!Fits(block, buffers)) return -EFAULT;
  WSAMSG message = {};
  message.lpBuffers = buffers.list;
  message.dwBufferCount = static_cast<ULONG>(buffers.count);
  message.Control = ControlOf(control);
  message.name = reinterpret_cast<sockaddr*>(block.address);
  message.namelen = static_cast<INT>(std::min<size_t>(block.address_length, sizeof(block.address)));
  return Retry(environment, block.fd, kWritable, block.timeout, [&] {
    return Tried(environment, block.fd, kWritable,
                 SendTo(block.fd, message, static_cast<DWORD>(block.flags)));
  });
}

// The sender's address, the flags and the length of the control data go into the call block.
int64_t ReceiveOneMessage(Environment& environment, Buffers& buffers, Bytes control) {
  CallBlock& block = environment.block();
  if (!Fits(block, buffers)) return -EFAULT;
  memset(block.address, 0, sizeof(block.address));
  WSAMSG message = {};
  const int64_t received = Retry(environment, block.fd, kReadable, block.timeout, [&] {
    message = {};
    message.name = reinterpret_cast<sockaddr*>(block.address);
    message.namelen = sizeof(block.address);
    message.lpBuffers = buffers.list;
    message.dwBufferCount = static_cast<ULONG>(buffers.count);
    message.Control = ControlOf(control);
    message.dwFlags = static_cast<DWORD>(block.flags);
    const int64_t result = ReceiveFrom(block.fd, message);
    if (result > 0 && static_cast<double>(result) < block.length) {
      Rearm(environment, block.fd, kReadable);
    }
    return Tried(environment, block.fd, kReadable, result);
  });
  if (received < 0) return received;
  block.address_length = std::min<uint32_t>(message.namelen, sizeof(block.address));
  block.message_flags = static_cast<int32_t>(message.dwFlags);
  block.control_length =
      static_cast<int32_t>(std::min<size_t>(message.Control.len, control.length));
  return received;
}

// The call block has how much of the first message was sent before, and then how much was sent of
// the first that does not count, with the error that stopped it.
int64_t SendMessages(Environment& environment, Bytes data, Bytes records, Bytes control) {
  CallBlock& block = environment.block();
  const Batch batch(block, data, records, control);
  size_t done = 0;
  size_t part = AtMost(batch.size, block.control_length);
  const int64_t result = Retry(environment, block.fd, kWritable, block.timeout, [&]() -> int64_t {
    while (done < batch.count) {
      WSABUF buffer;
      WSAMSG message = batch.At(done, &buffer);
      const Record& record = batch.records[batch.first + done];
      const size_t length = AtMost(batch.size, record.length);
      part = std::min(part, length);
      buffer.buf += part;
      buffer.len = static_cast<ULONG>(length - part);
      message.namelen = static_cast<INT>(AtMost(sizeof(record.address), record.address_length));
      // It went with the first byte.
      message.Control.len =
          part > 0 ? 0 : static_cast<ULONG>(AtMost(batch.control_size, record.control_length));
      const int64_t sent = Tried(environment, block.fd, kWritable,
                                 SendTo(block.fd, message, static_cast<DWORD>(block.flags)));
      // A blocking socket sends all; what stops another after the first is for the next call to
      // meet, but for the rest of a message of which a stream took a part.
      if (sent < 0) {
        return done > 0 && part == 0 && block.timeout >= 0 ? static_cast<int64_t>(done) : sent;
      }
      part += static_cast<size_t>(sent);
      if (sent > 0 && part < length) continue;
      part = 0;
      done++;
    }
    return static_cast<int64_t>(done);
  });
  block.control_length = static_cast<int32_t>(part);
  block.result = static_cast<int32_t>(result);
  return done > 0 ? static_cast<int64_t>(done) : result;
}

// Waits only for the first message.
int64_t ReceiveMessages(Environment& environment, Bytes data, Bytes records, Bytes control) {
  const CallBlock& block = environment.block();
  const Batch batch(block, data, records, control);
  size_t done = 0;
  for (; done < batch.count; done++) {
    if (done > 0 && !HasMessage(block.fd)) break;
    WSABUF buffer;
    WSAMSG message = {};
    const double timeout = done > 0 ? 0 : block.timeout;
    const int64_t received = Retry(environment, block.fd, kReadable, timeout, [&] {
      message = batch.At(done, &buffer);
      message.dwFlags = static_cast<DWORD>(block.flags);
      return Tried(environment, block.fd, kReadable, ReceiveFrom(block.fd, message));
    });
    if (received < 0) return done > 0 ? static_cast<int64_t>(done) : received;
    Record& record = batch.records[batch.first + done];
    record.length = static_cast<int32_t>(received);
    record.flags = static_cast<int32_t>(message.dwFlags);
    record.address_length = std::min<int32_t>(message.namelen, sizeof(record.address));
    record.control_length =
        static_cast<int32_t>(std::min<size_t>(message.Control.len, batch.control_size));
  }
  if (done < batch.count) Rearm(environment, block.fd, kReadable);
  return static_cast<int64_t>(done);
}

}  // namespace bsd_sockets
