#include "posix/message.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "constants.h"
#include "posix/system.h"
#include "posix/transfer.h"
#include "posix/wait-all.h"
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

  Message(Environment& environment, Buffers& buffers, Bytes control)
      : fd(environment.block().fd),
        flags(environment.block().flags),
        timeout(flags & kNoWait ? 0 : environment.block().timeout) {
    flags = KernelFlags(environment, flags, timeout);
    header.msg_iov = buffers.list;
    header.msg_iovlen = buffers.count;
    header.msg_control = control.data;
    header.msg_controllen = control.length;
  }
};

// Control data with room for as many descriptors as the call block has.
struct Rights {
  static constexpr int32_t kMost = sizeof(CallBlock::message) / sizeof(int);
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(CallBlock::message))];
};

// The type of a control message with the descriptor of the sender's process, which the headers of
// older systems do not have; -1 where there is none.
int PidfdType() {
  static const int type = [] {
    for (const Constant& constant : Constants()) {
      if (strcmp(constant.name, "SCM_PIDFD") == 0) return static_cast<int>(constant.value);
    }
    return -1;
  }();
  return type;
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
  Message message(environment, buffers, control);
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
  Message message(environment, buffers, control);
  message.header.msg_name = block.address;
  const int64_t begin = message.flags & MSG_WAITALL ? Now() : 0;
  int64_t received = Retry(environment, message.fd, kReadable, message.timeout, [&] {
    message.header.msg_namelen = sizeof(block.address);
    message.header.msg_controllen = control.length;
    return ReceiveMsg(message.fd, &message.header, message.flags);
  });
  if (received == -kShutDown) {
    block.address_length = block.message_flags = block.control_length = 0;
    return 0;
  }
  if (received < 0) return received;
  if (message.flags & MSG_WAITALL && received > 0) {
    received = ReceiveRest(environment, &message.header, control.length, begin, received);
  }
  block.address_length = std::min<socklen_t>(message.header.msg_namelen, sizeof(block.address));
  block.message_flags = message.header.msg_flags;
  block.control_length =
      static_cast<int32_t>(std::min<size_t>(message.header.msg_controllen, control.length));
  return received;
}

int64_t SendRights(Environment& environment, Buffers& buffers) {
  const CallBlock& block = environment.block();
  if (block.control_length < 0 || block.control_length > Rights::kMost) return -EINVAL;
  const size_t size = block.control_length * sizeof(int);
  Rights rights;
  auto* header = reinterpret_cast<cmsghdr*>(rights.control);
  *header = {};
  header->cmsg_len = CMSG_LEN(size);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  memset(CMSG_DATA(header), 0, CMSG_SPACE(size) - CMSG_LEN(0));
  memcpy(CMSG_DATA(header), block.message, size);
  return SendMessage(environment, buffers, {rights.control, CMSG_SPACE(size)});
}

// musl's CMSG_NXTHDR compares a length with a difference of pointers.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"

int64_t ReceiveRights(Environment& environment, Buffers& buffers) {
  CallBlock& block = environment.block();
  if (block.control_length < 0 || block.control_length > Rights::kMost) return -EINVAL;
  Rights rights;
  const size_t room = CMSG_LEN(block.control_length * sizeof(int));
  const int64_t received = ReceiveMessage(environment, buffers, {rights.control, room});
  if (received < 0) return received;
  msghdr header = {};
  header.msg_control = rights.control;
  header.msg_controllen = block.control_length;
  block.control_length = 0;
  const uint8_t* end = rights.control + header.msg_controllen;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    // One that was cut may be longer than what there is of it.
    const uint8_t* data = CMSG_DATA(part);
    const uint8_t* last = std::min(reinterpret_cast<const uint8_t*>(part) + part->cmsg_len, end);
    const size_t count = last > data ? (last - data) / sizeof(int) : 0;
    // Nobody gets the descriptor of the sender's process (SO_PASSPIDFD).
    if (part->cmsg_type == PidfdType() && count == 1) close(*reinterpret_cast<const int*>(data));
    if (part->cmsg_type != SCM_RIGHTS) continue;
    memcpy(block.message + block.control_length * sizeof(int), data, count * sizeof(int));
    block.control_length += count;
  }
  return received;
}

#pragma GCC diagnostic pop

}  // namespace bsd_sockets
