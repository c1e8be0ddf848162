#include "posix/message-loop.h"

#include <poll.h>

#include "posix/transfer.h"

namespace bsd_sockets {

namespace {

constexpr int kErrorQueue = kNoWait & ~MSG_DONTWAIT;

// Whether a receive would find a message. An error that waits is left to the next call: the receive
// would take it, and there is no place to tell of it beside the messages before.
bool HasMessage(int fd, int flags) {
  // Of the error queue, POLLERR tells that it is not empty, and to read it takes no error away.
  if (flags & kErrorQueue) return true;
  pollfd entry = {fd, POLLIN, 0};
  return poll(&entry, 1, 0) == 1 && (entry.revents & (POLLIN | POLLERR)) == POLLIN;
}

}  // namespace

int SendOneByOne(int fd, BatchMessage* messages, unsigned count, int flags) {
  unsigned done = 0;
  while (done < count) {
    auto& [header, length] = messages[done];
    const ssize_t sent = SendMsg(fd, &header, flags);
    if (sent < 0) return done > 0 ? static_cast<int>(done) : -1;
    length = sent;
    done++;
    if (length < header.msg_iov->iov_len) break;
  }
  return done;
}

int ReceiveOneByOne(int fd, BatchMessage* messages, unsigned count, int flags) {
  unsigned done = 0;
  for (; done < count; done++) {
    if (done > 0 && !HasMessage(fd, flags)) break;
    const int now = done > 0 ? flags | MSG_DONTWAIT : flags;
    const ssize_t received = ReceiveMsg(fd, &messages[done].header, now);
    if (received < 0) return done > 0 ? static_cast<int>(done) : -1;
    messages[done].length = received;
  }
  return done;
}

}  // namespace bsd_sockets
