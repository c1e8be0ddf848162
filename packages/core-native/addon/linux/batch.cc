#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

#include "linux/system_call.h"
#include "posix/system.h"

namespace bsd_sockets {

static_assert(sizeof(BatchMessage) == sizeof(mmsghdr) &&
                  offsetof(BatchMessage, length) == offsetof(mmsghdr, msg_len),
              "BatchMessage is an mmsghdr");

int SendMMsg(int fd, BatchMessage* messages, unsigned count, int flags) {
  return ENTER(sendmmsg, fd, reinterpret_cast<mmsghdr*>(messages), count, flags);
}

int ReceiveMMsg(int fd, BatchMessage* messages, unsigned count, int flags) {
  const auto receive = [&](int more) -> int {
    return ENTER(recvmmsg, fd, reinterpret_cast<mmsghdr*>(messages), count,
                 flags | MSG_WAITFORONE | more, static_cast<timespec*>(nullptr));
  };
  int received = receive(MSG_CMSG_CLOEXEC);
  // Both as in ReceiveMsg.
  if (received < 0 && errno == EINVAL) received = receive(0);
  if (!(flags & MSG_CMSG_CLOEXEC)) {
    for (int index = 0; index < received; index++) {
      messages[index].header.msg_flags &= ~MSG_CMSG_CLOEXEC;
    }
  }
  return received;
}

}  // namespace bsd_sockets
