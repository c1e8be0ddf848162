#include "event_set.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "bsd/kqueue.h"

namespace bsd_sockets {

namespace {

struct kevent Change(int fd, int filter, int flags, uint32_t what, int32_t generation) {
  struct kevent change = {};
  change.ident = static_cast<uintptr_t>(fd);
  change.filter = static_cast<decltype(change.filter)>(filter);
  change.flags = static_cast<decltype(change.flags)>(flags | EV_RECEIPT);
  change.fflags = what;
  change.udata = reinterpret_cast<decltype(change.udata)>(static_cast<intptr_t>(generation));
  return change;
}

// The error of a filter that only the other one has as well is the descriptor's: a listener may
// have nothing to write, and the end of a pipe nothing to read.
int ErrorOfBoth(const struct kevent* receipts) {
  const bool failed = receipts[0].data != 0 && receipts[1].data != 0;
  return failed ? -static_cast<int>(receipts[0].data) : 0;
}

int32_t ReadyOf(const struct kevent& event) {
  // Of the read filter the end of what the peer sends, of the other one that of what it takes, and
  // of both an error.
  const bool over = event.flags & EV_EOF;
  if (event.filter == EVFILT_WRITE) return kWritable | (over ? kReadable | kLasting : 0);
  if (event.filter == EVFILT_READ) {
    return kReadable | (over ? kLasting : 0) | (over && event.fflags != 0 ? kWritable : 0);
  }
  return kReadable | kLasting;
}

// A change is told once by EV_CLEAR, again when more comes on top of what is unread. close(2) takes
// a descriptor out, whoever has a duplicate.
class Kqueue : public EventSet {
 public:
  ~Kqueue() override {
    if (kqueue_ >= 0) CloseDescriptor(kqueue_);
  }

  int Open() override {
    kqueue_ = OpenKqueue();
    return kqueue_ < 0 ? -errno : 0;
  }

  Descriptor fd() const override { return kqueue_; }

  int Add(Descriptor fd, int32_t generation) override {
    return ForBoth(fd, EV_ADD | EV_CLEAR, generation);
  }

  int Remove(Descriptor fd) override { return ForBoth(fd, EV_DELETE, 0); }

  int Take(ReadyEvent* events, int most) override {
    struct kevent taken[kMost];
    const timespec now = {0, 0};
    const int count = kevent(kqueue_, nullptr, 0, taken, std::min(most, kMost), &now);
    for (int index = 0; index < count; index++) {
      const struct kevent& event = taken[index];
      const auto generation = static_cast<int32_t>(reinterpret_cast<intptr_t>(event.udata));
      events[index] = {static_cast<int32_t>(event.ident), generation, ReadyOf(event)};
    }
    return count < 0 ? -errno : count;
  }

 private:
  static constexpr int kMost = 512;

  int ForBoth(Descriptor fd, int flags, int32_t generation) {
    struct kevent changes[] = {
        Change(fd, EVFILT_READ, flags, 0, generation),
        Change(fd, EVFILT_WRITE, flags, 0, generation),
#ifdef EVFILT_EXCEPT
        // Not all that can be read has urgent data. FreeBSD has no such filter: it tells none.
        Change(fd, EVFILT_EXCEPT, flags, NOTE_OOB, generation),
#endif
    };
    constexpr int count = sizeof(changes) / sizeof(*changes);
    // As many receipts as changes: no event is taken with them.
    if (kevent(kqueue_, changes, count, changes, count, nullptr) < 0) return -errno;
    return ErrorOfBoth(changes);
  }

  int kqueue_ = -1;
};

}  // namespace

std::unique_ptr<EventSet> EventSet::Make() { return std::make_unique<Kqueue>(); }

}  // namespace bsd_sockets
