#pragma once

#include <poll.h>
#include <time.h>

#include <cerrno>
#include <cstdint>
#include <optional>

#include "environment.h"
#include "posix/system.h"

// The one loop that every blocking call goes through. Timeouts are in seconds: below 0 without
// limit, 0 never waits.

namespace bsd_sockets {

// What a call returns, negated, when its timeout is over. No errno of any platform is as large, so
// that the kernel's own ETIMEDOUT stays apart from it.
constexpr int kTimedOut = 4096;
// What a receive returns, negated, on a socket that is shut down for receiving where the kernel
// tells the end only to a call that waits in it. Each caller makes of it what the kernel would.
constexpr int kShutDown = 4099;

// How long a terminated worker may go on waiting.
constexpr int64_t kStopSlice = kSecond / 20;

class Deadline {
 public:
  // From `begin` on.
  explicit Deadline(double timeout, int64_t begin = Now());
  // What is left, at least 0 and at most `slice` nanoseconds (below 0: no slices); false when the
  // time is over.
  bool Left(int64_t slice, timespec* left) const;
  bool unlimited() const { return unlimited_; }

 private:
  bool unlimited_;
  int64_t end_ = 0;
};

// Whether a call that would block is waited for here. Without a timeout the kernel itself waits,
// unless the descriptor is non-blocking underneath: in a worker, so that termination can end the
// wait, or since somebody else who holds it made it so.
bool Waits(const Environment& environment, int fd, double timeout);

// The timeout that the kernel has for a blocking socket (SO_RCVTIMEO, SO_SNDTIMEO) in seconds, or
// -1.
double KernelTimeout(int fd, short events);

// Waits until `fd` is ready for `events` (or has an error, which the next call on it will report):
// 0, or a negative errno, or -kTimedOut. Signals do not shorten or lengthen the wait, unless they
// should end it (-EINTR).
int Wait(Environment& environment, int fd, short events, const Deadline& deadline);

// Waits until any of the entries is ready: how many are, 0 when the time is over, or a negative
// errno.
int WaitForAny(Environment& environment, pollfd* entries, nfds_t count, const Deadline& deadline);

// Lets time pass for what poll(2) cannot tell: 1 ms at first, then twice as long each time, up to
// 16 ms.
class Backoff {
 public:
  // 0, or as Wait().
  int Pause(Environment& environment, const Deadline& deadline);

 private:
  int64_t pause_ = kSecond / 1000;
};

// While signals should end waits: -EINTR if one has come that nobody has taken, which only the
// error that JavaScript makes of it does; else 0.
[[gnu::cold]] int Interrupted(Environment& environment);

// What comes before a call that may wait then. The descriptor is made non-blocking, since the
// kernel would go on waiting after a signal.
[[gnu::cold]] int BeginInterruptible(Environment& environment, int fd, double timeout);

// Whether poll(2) finds these events, or an error, at this moment.
bool IsReady(int fd, short events);

// What Retry() does after a first failure; apart, so that a call which succeeds at once is short.
template <typename Call, typename... Arguments>
[[gnu::cold, gnu::noinline]] int64_t TryAgain(Environment& environment, int fd, short events,
                                              double timeout, int64_t begin, Call call,
                                              Arguments... arguments) {
  int64_t result = -1;
  std::optional<Deadline> deadline;
  Backoff backoff;
  bool waited = false;
  do {
    const bool interrupted = errno == EINTR;
    if (!interrupted && errno != EAGAIN) return -errno;
    if (!deadline) {
      const double limit = timeout < 0 ? KernelTimeout(fd, events) : timeout;
      // The kernel would begin its own timeout anew.
      if (interrupted && (timeout >= 0 || limit < 0)) continue;
      if (!interrupted && !Waits(environment, fd, timeout)) {
        return environment.block().shut_down && events == POLLIN ? -kShutDown : -EAGAIN;
      }
      deadline.emplace(limit, begin ? begin : Now());
    }
    // What poll(2) calls ready without being so would be tried in a circle.
    const bool ready = waited && !interrupted && IsReady(fd, events);
    if (ready && events == POLLIN && IsShutDown(fd)) return -kShutDown;
    const int failed =
        ready ? backoff.Pause(environment, *deadline) : Wait(environment, fd, events, *deadline);
    waited = true;
    // As the kernel says when its own timeout is over.
    if (failed == -kTimedOut && timeout < 0) return -EAGAIN;
    if (failed < 0) return failed;
  } while ((result = call(arguments...)) < 0);
  return result;
}

// Runs `call`, which returns -1 with errno set when it fails, until it is done, fails, or the time
// is over.
template <typename Call, typename... Arguments>
int64_t Retry(Environment& environment, int fd, short events, double timeout, Call call,
              Arguments... arguments) {
  if (environment.signals) {
    if (const int failed = BeginInterruptible(environment, fd, timeout); failed < 0) return failed;
  }
  const int64_t begin = environment.kernel_timeouts && timeout < 0 ? Now() : 0;
  const int64_t result = call(arguments...);
  if (result >= 0) return result;
  return TryAgain(environment, fd, events, timeout, begin, call, arguments...);
}

}  // namespace bsd_sockets
