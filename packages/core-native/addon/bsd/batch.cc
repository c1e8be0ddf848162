#include <sys/socket.h>

#include "posix/message-loop.h"
#include "posix/system.h"

#ifdef MSG_WAITFORONE
#include <cstddef>
#endif

namespace bsd_sockets {

// FreeBSD's sendmmsg(3) is such a loop too, which goes on behind a part of a message.
int SendMMsg(int fd, BatchMessage* messages, unsigned count, int flags) {
  return SendOneByOne(fd, messages, count, flags);
}

#ifdef MSG_WAITFORONE

static_assert(sizeof(BatchMessage) == sizeof(mmsghdr) &&
                  offsetof(BatchMessage, length) == offsetof(mmsghdr, msg_len) &&
                  __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "BatchMessage is an mmsghdr, but for the upper half of its length");

int ReceiveMMsg(int fd, BatchMessage* messages, unsigned count, int flags) {
  const ssize_t received = recvmmsg(fd, reinterpret_cast<mmsghdr*>(messages), count,
                                    flags | MSG_WAITFORONE | MSG_CMSG_CLOEXEC, nullptr);
  // As in ReceiveMsg.
  for (ssize_t index = 0; index < received; index++) {
    messages[index].header.msg_flags &= ~(MSG_WAITFORONE | MSG_CMSG_CLOEXEC);
  }
  return static_cast<int>(received);
}

#else

int ReceiveMMsg(int fd, BatchMessage* messages, unsigned count, int flags) {
  return ReceiveOneByOne(fd, messages, count, flags);
}

#endif

}  // namespace bsd_sockets
