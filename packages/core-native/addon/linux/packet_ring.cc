#include "linux/packet_ring.h"

#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "integral.h"
#include "posix/system.h"
#include "posix/wait.h"

namespace bsd_sockets {

namespace {

using Header = tpacket_block_desc;

// The head of the block at an offset, or null if none can be there.
Header* BlockAt(const Environment& environment, int ring, double offset) {
  const Mapping* mapping = environment.FindMapping(ring);
  const auto start = Integral<size_t>(offset);
  if (!mapping || start % alignof(Header) != 0 || start > mapping->size() ||
      mapping->size() - start < sizeof(Header)) {
    return nullptr;
  }
  return reinterpret_cast<Header*>(mapping->data() + start);
}

bool IsHandedOver(const Header& block) {
  return __atomic_load_n(&block.hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

// The error that the socket has, such as ENETDOWN: it would end every poll(2) at once.
int TakeError(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

}  // namespace

// mmap(2) of a socket that has a ring of `size` bytes: the number of the ring.
int64_t MapRing(Environment& environment, int fd, double size) {
  // The kernel neither shrinks nor frees such a ring while it is mapped, as it may a file's memory.
  const int family = FamilyOf(fd);
  if (family < 0) return -errno;
  if (family != AF_PACKET) return -EOPNOTSUPP;
  const auto length = Integral<size_t>(size);
  void* memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return -errno;
  // Programs that are started meanwhile have no use for it, and user-mode Linux breaks on its copy.
  madvise(memory, length, MADV_DONTFORK);
  return environment.OwnMapping(static_cast<uint8_t*>(memory), length);
}

// munmap(2)
int64_t UnmapRing(Environment& environment, int ring) {
  return environment.EraseMapping(ring) ? 0 : -EINVAL;
}

// Waits until the kernel has handed over the block at `offset`, and returns its length in bytes.
int64_t WaitForBlock(Environment& environment, int fd, int ring, double offset, double timeout) {
  const Header* block = BlockAt(environment, ring, offset);
  if (!block) return -EINVAL;
  if (environment.signals && timeout != 0) {
    if (const int failed = Interrupted(environment); failed < 0) return failed;
  }
  if (IsHandedOver(*block)) return block->hdr.bh1.blk_len;
  if (const int error = TakeError(fd)) return -error;
  if (timeout == 0) return -EAGAIN;
  const Deadline deadline(timeout < 0 ? KernelTimeout(fd, kReadable) : timeout);
  Backoff backoff;
  for (;;) {
    int failed = WaitFor(environment, fd, kReadable, deadline);
    if (IsHandedOver(*block)) return block->hdr.bh1.blk_len;
    if (const int error = failed < 0 ? 0 : TakeError(fd)) return -error;
    // The socket is ready for another reason: the rest of the time must not be spent in a circle.
    if (failed == 0) failed = backoff.Pause(environment, deadline);
    // As for a receive whose SO_RCVTIMEO is over.
    if (failed == -kTimedOut && timeout < 0) return -EAGAIN;
    if (failed < 0) return failed;
  }
}

// Copies as much of the block at `offset` as there is room for, and gives the block back to the
// kernel.
int64_t TakeBlock(Environment& environment, int ring, double offset, Bytes memory) {
  Header* block = BlockAt(environment, ring, offset);
  if (!block || !memory.data) return -EINVAL;
  if (!IsHandedOver(*block)) return -EAGAIN;
  const size_t rest = environment.FindMapping(ring)->size() - Integral<size_t>(offset);
  const size_t length = std::min(memory.length, rest);
  memcpy(memory.data, block, length);
  __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  return static_cast<int64_t>(length);
}

}  // namespace bsd_sockets
