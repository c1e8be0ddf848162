#include "bsd/selector.h"

#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "bsd/kqueue.h"
#include "event_set.h"
#include "posix/signals.h"
#include "posix/wait.h"

namespace bsd_sockets {

namespace {

struct ReadyMember {
  int32_t fd;
  int32_t events;
};

// 0, or a negative errno.
int ChangeFilter(int kqueue, int fd, int filter, bool wanted) {
  struct kevent change = {};
  change.ident = static_cast<uintptr_t>(fd);
  change.filter = static_cast<decltype(change.filter)>(filter);
  change.flags = wanted ? EV_ADD : EV_DELETE;
  return kevent(kqueue, &change, 1, nullptr, 0, nullptr) < 0 ? -errno : 0;
}

// The signals that end the wait are in the set for as long as it lasts.
class SignalsInSet {
 public:
  SignalsInSet(const Signals* signals, int set) : set_(set) {
    if (!signals) return;
    signals_ = signals->fd();
    ChangeFilter(set_, signals_, EVFILT_READ, true);
  }
  ~SignalsInSet() {
    if (signals_ >= 0) ChangeFilter(set_, signals_, EVFILT_READ, false);
  }
  SignalsInSet(const SignalsInSet&) = delete;
  SignalsInSet& operator=(const SignalsInSet&) = delete;

  bool Has(const struct kevent& event) const { return static_cast<int>(event.ident) == signals_; }

 private:
  int set_;
  int signals_ = -1;
};

// A descriptor has an event of each filter, and one pair for both.
int Told(const std::vector<struct kevent>& events, int count, const SignalsInSet& signals,
         Bytes out) {
  std::unordered_map<int32_t, int> places;
  int told = 0;
  for (int index = 0; index < count; index++) {
    const struct kevent& event = events[static_cast<size_t>(index)];
    if (signals.Has(event)) continue;
    ReadyMember ready = {static_cast<int32_t>(event.ident),
                         event.filter == EVFILT_WRITE ? kWritable : kReadable};
    const auto [place, is_new] = places.try_emplace(ready.fd, told);
    const size_t offset = static_cast<size_t>(place->second) * sizeof(ready);
    if (offset + sizeof(ready) > out.length) continue;
    if (is_new) {
      told++;
    } else {
      ready.events = kReadable | kWritable;
    }
    memcpy(out.data + offset, &ready, sizeof(ready));
  }
  return told;
}

}  // namespace

int64_t OpenSelector(Environment& environment) {
  const int fd = OpenKqueue();
  return fd < 0 ? -errno : environment.Own(fd);
}

int64_t ChangeSelector(Environment&, int fd, int member, int events, int) {
  const int readable = ChangeFilter(fd, member, EVFILT_READ, events & kReadable);
  const int writable = ChangeFilter(fd, member, EVFILT_WRITE, events & kWritable);
  // One that is not wanted need not have been there.
  if (events & kReadable && readable < 0) return readable;
  return events & kWritable ? writable : 0;
}

int64_t WaitSelector(Environment& environment, int fd, Bytes ready, double timeout) {
  if (ready.length < sizeof(ReadyMember)) return -EINVAL;
  const Deadline deadline(timeout);
  const Signals* signals = timeout == 0 ? nullptr : environment.signals.get();
  const SignalsInSet signals_in_set(signals, fd);
  std::vector<struct kevent> events(ready.length / sizeof(ReadyMember) + 1);
  const int64_t slice = environment.interruptible() ? kStopSlice : -1;
  for (;;) {
    if (signals) {
      if (const int failed = Interrupted(environment); failed < 0) return failed;
    }
    int64_t left;
    const bool over = !deadline.Left(slice, &left);
    const timespec limit = {static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
    const bool forever = deadline.unlimited() && slice < 0;
    const int count = kevent(fd, nullptr, 0, events.data(), static_cast<int>(events.size()),
                             forever ? nullptr : &limit);
    if (count < 0 && errno != EINTR) return -errno;
    if (environment.interruptible() && environment.Stopping()) return -ECANCELED;
    const int told = Told(events, count, signals_in_set, ready);
    if (told > 0 || (over && count >= 0)) return told;
  }
}

}  // namespace bsd_sockets
