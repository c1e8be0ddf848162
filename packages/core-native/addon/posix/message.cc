#include "posix/message.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "posix/system.h"
#include "posix/transfer.h"
#include "retry.h"

namespace bsd_sockets {

namespace {

bool ReadBuffer(napi_env env, napi_value value, iovec* out) {
  Bytes bytes;
  if (!Read(env, value, &bytes) || !bytes.data) return false;
  *out = {bytes.data, bytes.length};
  return true;
}

// Whether the buffers are as long as the call block says. Of a single one it takes the part that
// counts.
bool Fits(const CallBlock& block, Buffers& buffers) {
  if (buffers.alone) {
    iovec& buffer = buffers.list[0];
    const Bytes whole = {static_cast<uint8_t*>(buffer.iov_base), buffer.iov_len};
    if (!block.IsWithin(whole)) return false;
    const auto [data, length] = block.Part(whole);
    buffer = {data, length};
    return true;
  }
  size_t length = 0;
  for (size_t index = 0; index < buffers.count; index++) length += buffers.list[index].iov_len;
  return static_cast<double>(length) == block.length;
}

// The call block's scalars and the memory, as a system call takes them.
struct Message {
  int fd;
  int flags;
  double timeout;
  msghdr header = {};

  Message(const CallBlock& block, Buffers& buffers, Bytes control)
      : fd(block.fd), flags(block.flags), timeout(flags & kNoWait ? 0 : block.timeout) {
    header.msg_iov = buffers.list;
    header.msg_iovlen = buffers.count;
    header.msg_control = control.data;
    header.msg_controllen = control.length;
  }
};

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
  if (napi_get_array_length(env, value, &count) != napi_ok || count > IOV_MAX) return false;
  // All elements first: to read one may run a getter, which could take away another's memory.
  napi_value elements[IOV_MAX];
  for (uint32_t index = 0; index < count; index++) {
    if (napi_get_element(env, value, index, &elements[index]) != napi_ok) return false;
  }
  for (uint32_t index = 0; index < count; index++) {
    if (!ReadBuffer(env, elements[index], &out->list[index])) return false;
  }
  out->count = count;
  return true;
}

// sendmsg(2), to the address in the call block unless its length is 0.
int64_t SendMessage(Environment& environment, Buffers& buffers, Bytes control) {
  CallBlock& block = environment.block();
  if (!Fits(block, buffers)) return -EFAULT;
  Message message(block, buffers, control);
  if (block.address_length > 0) {
    message.header.msg_name = block.address;
    message.header.msg_namelen = std::min<socklen_t>(block.address_length, sizeof(block.address));
  }
  return Retry(environment, message.fd, kWritable, message.timeout, SendMsg, message.fd,
               &message.header, message.flags);
}

// recvmsg(2). The sender's address, the flags and the length of the control data go into the call
// block. Received descriptors are close-on-exec, and the caller's to close.
int64_t ReceiveMessage(Environment& environment, Buffers& buffers, Bytes control) {
  CallBlock& block = environment.block();
  if (!Fits(block, buffers)) return -EFAULT;
  Message message(block, buffers, control);
  memset(block.address, 0, sizeof(block.address));
  message.header.msg_name = block.address;
  const int64_t received = Retry(environment, message.fd, kReadable, message.timeout, [&] {
    message.header.msg_namelen = sizeof(block.address);
    message.header.msg_controllen = control.length;
    return ReceiveMsg(message.fd, &message.header, message.flags);
  });
  if (received == -kShutDown) {
    block.address_length = block.message_flags = block.control_length = 0;
    return 0;
  }
  if (received < 0) return received;
  block.address_length = std::min<socklen_t>(message.header.msg_namelen, sizeof(block.address));
  block.message_flags = message.header.msg_flags;
  block.control_length =
      static_cast<int32_t>(std::min<size_t>(message.header.msg_controllen, control.length));
  return received;
}

}  // namespace bsd_sockets
