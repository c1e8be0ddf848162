#pragma once

#include <cstdint>
#include <optional>

#include "environment.h"
#include "event_set.h"
#include "platform.h"

// The one loop that every blocking call goes through. Timeouts are in seconds: below 0 without
// limit, 0 never waits.

namespace bsd_sockets {

// What a call returns, negated, when its timeout is over. No error of any platform has as large a
// number, so that the kernel's own ETIMEDOUT stays apart from it.
constexpr int kTimedOut = 1 << 20;
// What a receive returns, negated, on a socket that is shut down for receiving where the kernel
// tells the end only to a call that waits in it. Each caller makes of it what the kernel would.
constexpr int kShutDown = kTimedOut + 3;

// How long a terminated worker may go on waiting.
constexpr int64_t kStopSlice = kSecond / 20;

class Deadline {
 public:
  // From `begin` on.
  explicit Deadline(double timeout, int64_t begin = Now());
  // What is left, at least 0 and at most `slice` nanoseconds (below 0: no slices); false when the
  // time is over.
  bool Left(int64_t slice, int64_t* nanoseconds) const;
  bool unlimited() const { return unlimited_; }

 private:
  bool unlimited_;
  int64_t end_ = 0;
};

// Each platform has the following (`posix/wait.cc`).

// Whether a call that would block is waited for here. Without a timeout the kernel itself waits,
// unless the descriptor is non-blocking underneath: in a worker, so that termination can end the
// wait, or since somebody else who holds it made it so.
bool Waits(const Environment& environment, Descriptor fd, double timeout);

// The timeout that the kernel has for a blocking socket (SO_RCVTIMEO, SO_SNDTIMEO) in seconds, or
// -1.
double KernelTimeout(Descriptor fd, Ready events);

// Waits until `fd` is ready for `events` (or has an error, which the next call on it will report):
// 0, or a negative error, or -kTimedOut. Signals do not shorten or lengthen the wait, unless they
// are to end it (-kInterrupted).
int WaitFor(Environment& environment, Descriptor fd, Ready events, const Deadline& deadline);

// Lets time pass, with the same results; 0 when the time is over.
int PassTime(Environment& environment, int64_t nanoseconds);

// Whether a descriptor is ready for these events, or has an error, at this moment.
bool IsReady(Descriptor fd, Ready events);

// Whether nothing can be received any more.
bool IsShutDown(Descriptor fd);

// What comes before a call that may wait, while signals are to end waits: 0, or a negative error.
// The descriptor is made non-blocking, since the kernel would go on waiting after a signal.
[[gnu::cold]] int BeginInterruptible(Environment& environment, Descriptor fd, double timeout);

// Lets time pass for what the kernel cannot be asked to wait for: 1 ms at first, then twice as long
// each time, up to 16 ms.
class Backoff {
 public:
  // 0, or as WaitFor().
  int Pause(Environment& environment, const Deadline& deadline);

 private:
  int64_t pause_ = kSecond / 1000;
};

// What Retry() does after a first failure; apart, so that a call which succeeds at once is short.
template <typename Call, typename... Arguments>
[[gnu::cold, gnu::noinline]] int64_t TryAgain(Environment& environment, Descriptor fd, Ready events,
                                              double timeout, int64_t begin, Call call,
                                              Arguments... arguments) {
  int64_t result = -1;
  std::optional<Deadline> deadline;
  Backoff backoff;
  bool waited = false;
  do {
    const int error = LastError();
    const bool interrupted = error == kInterrupted;
    if (!interrupted && error != kWouldBlock) return -error;
    if (!deadline) {
      const double limit = timeout < 0 ? KernelTimeout(fd, events) : timeout;
      // The kernel would begin its own timeout anew.
      if (interrupted && (timeout >= 0 || limit < 0)) continue;
      if (!interrupted && !Waits(environment, fd, timeout)) {
        return environment.block().shut_down && events == kReadable ? -kShutDown : -kWouldBlock;
      }
      deadline.emplace(limit, begin ? begin : Now());
    }
    // What the kernel calls ready without being so would be tried in a circle.
    const bool ready = waited && !interrupted && IsReady(fd, events);
    if (ready && events == kReadable && IsShutDown(fd)) return -kShutDown;
    const int failed =
        ready ? backoff.Pause(environment, *deadline) : WaitFor(environment, fd, events, *deadline);
    waited = true;
    // As the kernel says when its own timeout is over.
    if (failed == -kTimedOut && timeout < 0) return -kWouldBlock;
    if (failed < 0) return failed;
  } while ((result = call(arguments...)) < 0);
  return result;
}

// Runs `call`, which returns less than 0 and leaves LastError() when it fails, until it is done,
// fails, or the time is over.
template <typename Call, typename... Arguments>
int64_t Retry(Environment& environment, Descriptor fd, Ready events, double timeout, Call call,
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
