#include "linux/selector.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "event_set.h"
#include "posix/signals.h"
#include "posix/wait.h"

namespace bsd_sockets {

namespace {

// Of several sets that have a descriptor with this event, one is told.
constexpr int kExclusive = 4;

struct ReadyMember {
  int32_t fd;
  int32_t events;
};

// The signals that end the wait are in the set for as long as it lasts: a caller has to wait
// in epoll_wait(2) itself, or kExclusive means nothing.
class SignalsInSet {
 public:
  SignalsInSet(const Signals* signals, int set) : set_(set) {
    if (!signals) return;
    signals_ = signals->fd();
    epoll_event event = {EPOLLIN, {}};
    event.data.fd = signals_;
    epoll_ctl(set_, EPOLL_CTL_ADD, signals_, &event);
  }
  ~SignalsInSet() {
    if (signals_ >= 0) epoll_ctl(set_, EPOLL_CTL_DEL, signals_, nullptr);
  }
  SignalsInSet(const SignalsInSet&) = delete;
  SignalsInSet& operator=(const SignalsInSet&) = delete;

  bool Has(const epoll_event& event) const { return event.data.fd == signals_; }

 private:
  int set_;
  int signals_ = -1;
};

// Milliseconds, upwards, so that a short rest is not waited for in a circle.
int Milliseconds(int64_t nanoseconds) {
  return static_cast<int>(std::min<int64_t>((nanoseconds + 999'999) / 1'000'000, INT_MAX));
}

int Told(const std::vector<epoll_event>& events, int count, const SignalsInSet& signals,
         Bytes out) {
  int told = 0;
  for (int index = 0; index < count; index++) {
    const epoll_event& event = events[index];
    if (signals.Has(event)) continue;
    // A hang-up or an error ends either wait, as in Python's selectors.
    const ReadyMember ready = {event.data.fd, (event.events & ~EPOLLOUT ? kReadable : 0) |
                                                  (event.events & ~EPOLLIN ? kWritable : 0)};
    if ((told + 1) * sizeof(ready) > out.length) break;
    memcpy(out.data + told++ * sizeof(ready), &ready, sizeof(ready));
  }
  return told;
}

}  // namespace

int64_t OpenSelector(Environment& environment) {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : environment.Own(fd);
}

int64_t ChangeSelector(Environment&, int fd, int member, int events, int is_new) {
  epoll_event event = {};
  if (events & kReadable) event.events |= EPOLLIN;
  if (events & kWritable) event.events |= EPOLLOUT;
  if (events & kExclusive) event.events |= EPOLLEXCLUSIVE;
  event.data.fd = member;
  const int operation = events == 0 ? EPOLL_CTL_DEL : is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  return epoll_ctl(fd, operation, member, &event) < 0 ? -errno : 0;
}

int64_t WaitSelector(Environment& environment, int fd, Bytes ready, double timeout) {
  if (ready.length < sizeof(ReadyMember)) return -EINVAL;
  const Deadline deadline(timeout);
  const Signals* signals = timeout == 0 ? nullptr : environment.signals.get();
  const SignalsInSet signals_in_set(signals, fd);
  std::vector<epoll_event> events(ready.length / sizeof(ReadyMember) + 1);
  const int64_t slice = environment.interruptible() ? kStopSlice : -1;
  for (;;) {
    if (signals) {
      if (const int failed = Interrupted(environment); failed < 0) return failed;
    }
    int64_t left;
    const bool over = !deadline.Left(slice, &left);
    const int limit = deadline.unlimited() && slice < 0 ? -1 : Milliseconds(left);
    const int count = epoll_wait(fd, events.data(), static_cast<int>(events.size()), limit);
    if (count < 0 && errno != EINTR) return -errno;
    if (environment.interruptible() && environment.Stopping()) return -ECANCELED;
    const int told = Told(events, count, signals_in_set, ready);
    if (told > 0 || (over && count >= 0)) return told;
  }
}

}  // namespace bsd_sockets
