#include "posix/wait-all.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "posix/system.h"
#include "posix/transfer.h"
#include "retry.h"

namespace bsd_sockets {

namespace {

// Leaves out the first `count` bytes of the buffers: all of them for a datagram that was longer,
// whose whole length MSG_TRUNC tells.
void Advance(msghdr* header, size_t count) {
  while (header->msg_iovlen > 0 && count >= header->msg_iov->iov_len) {
    count -= header->msg_iov->iov_len;
    ++header->msg_iov;
    --header->msg_iovlen;
  }
  if (header->msg_iovlen == 0) return;
  iovec& buffer = *header->msg_iov;
  buffer = {static_cast<uint8_t*>(buffer.iov_base) + count, buffer.iov_len - count};
}

// Waits for more behind a part: whether it has come.
bool MoreComes(Environment& environment, int fd, int64_t begin) {
  const Deadline deadline(KernelTimeout(fd, kReadable), begin);
  Backoff backoff;
  while (WaitFor(environment, fd, kReadable, deadline) == 0) {
    pollfd entry = {fd, POLLIN, 0};
    poll(&entry, 1, 0);
    constexpr short kFailed = POLLERR | POLLHUP;
    if (entry.revents & (POLLIN | POLLHUP)) {
      // An error that ended the connection comes behind the bytes that are there.
      int waiting = 0;
      return (entry.revents & kFailed) != kFailed ||
             (ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0);
    }
    // An error queue that nobody reads leaves nothing to wait for but time.
    if (entry.revents & POLLERR && backoff.Pause(environment, deadline) < 0) break;
  }
  return false;
}

}  // namespace

bool WaitsForAll(Environment& environment) {
  const CallBlock& block = environment.block();
  if (!(block.flags & MSG_WAITALL) || block.flags & (kNoWait | MSG_PEEK) || block.timeout >= 0) {
    return false;
  }
  int type = 0;
  socklen_t length = sizeof(type);
  return getsockopt(block.fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

int64_t ReceiveRest(Environment& environment, msghdr* header, size_t room, int64_t begin,
                    int64_t received) {
  const CallBlock& block = environment.block();
  msghdr rest = *header;
  rest.msg_name = nullptr;
  rest.msg_namelen = 0;
  Advance(&rest, received);
  if (rest.msg_iovlen == 0 || !WaitsForAll(environment)) return received;
  while (rest.msg_iovlen > 0 && header->msg_controllen == 0 &&
         MoreComes(environment, block.fd, begin)) {
    const int64_t more = Retry(environment, block.fd, kReadable, 0.0, [&] {
      rest.msg_controllen = room;
      return ReceiveMsg(block.fd, &rest, block.flags | MSG_DONTWAIT);
    });
    // Somebody else has received it.
    if (more == -kWouldBlock) continue;
    if (more <= 0) break;
    received += more;
    header->msg_controllen = rest.msg_controllen;
    header->msg_flags |= rest.msg_flags;
    Advance(&rest, more);
  }
  return received;
}

}  // namespace bsd_sockets
