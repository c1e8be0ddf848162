#include "posix/retry.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>
#include <vector>

#include "posix/signals.h"

namespace bsd_sockets {

namespace {

constexpr int64_t kLongestPause = kSecond / 1000 * 16;

int PollUntil(const Environment& environment, pollfd* entries, nfds_t count,
              const Deadline& deadline) {
  const int64_t slice = environment.interruptible() ? kStopSlice : -1;
  for (;;) {
    timespec left = {0, 0};
    const bool over = !deadline.Left(slice, &left);
    const bool forever = deadline.unlimited() && slice < 0;
    const int ready = ppoll(entries, count, forever ? nullptr : &left, nullptr);
    if (environment.interruptible() && environment.Stopping()) return -ECANCELED;
    if (ready > 0 || (ready == 0 && over)) return ready;
    if (ready < 0 && errno != EINTR) return -errno;
  }
}

}  // namespace

Deadline::Deadline(double timeout, int64_t begin) : unlimited_(!(timeout >= 0)) {
  // A century, so that no timeout can overflow.
  if (!unlimited_) end_ = begin + static_cast<int64_t>(std::min(timeout, 3.2e9) * kSecond);
}

bool Deadline::Left(int64_t slice, timespec* left) const {
  int64_t nanoseconds = slice;
  if (!unlimited_) {
    const int64_t rest = end_ - Now();
    if (rest <= 0) return false;
    nanoseconds = slice < 0 ? rest : std::min(rest, slice);
  }
  *left = {static_cast<time_t>(nanoseconds / kSecond), static_cast<long>(nanoseconds % kSecond)};
  return true;
}

bool Waits(const Environment& environment, int fd, double timeout) {
  if (timeout == 0) return false;
  return timeout > 0 || environment.interruptible() || (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

double KernelTimeout(int fd, short events) {
  timeval timeout = {};
  socklen_t length = sizeof(timeout);
  const int option = events & POLLOUT ? SO_SNDTIMEO : SO_RCVTIMEO;
  if (getsockopt(fd, SOL_SOCKET, option, &timeout, &length) < 0) return -1;
  const double seconds = timeout.tv_sec + timeout.tv_usec / 1e6;
  return seconds > 0 ? seconds : -1;
}

int WaitForAny(Environment& environment, pollfd* entries, nfds_t count, const Deadline& deadline) {
  timespec left;
  if (!environment.signals || !deadline.Left(-1, &left)) {
    return PollUntil(environment, entries, count, deadline);
  }
  std::vector<pollfd> all(entries, entries + count);
  all.push_back({environment.signals->fd(), POLLIN, 0});
  for (;;) {
    if (const int failed = Interrupted(environment); failed < 0) return failed;
    const int ready = PollUntil(environment, all.data(), all.size(), deadline);
    if (ready <= 0) return ready;
    if (all.back().revents == 0) {
      std::copy_n(all.begin(), count, entries);
      return ready;
    }
  }
}

int Wait(Environment& environment, int fd, short events, const Deadline& deadline) {
  // A unix datagram socket is ready even where its peer's queue is full: only the clock ends that.
  timespec left;
  if (!deadline.Left(-1, &left)) return -kTimedOut;
  pollfd entry = {fd, events, 0};
  const int ready = WaitForAny(environment, &entry, 1, deadline);
  if (ready <= 0) return ready < 0 ? ready : -kTimedOut;
  return entry.revents & POLLNVAL ? -EBADF : 0;
}

bool IsReady(int fd, short events) {
  pollfd entry = {fd, events, 0};
  return poll(&entry, 1, 0) > 0;
}

int Interrupted(Environment& environment) { return environment.signals->HasCome() ? -EINTR : 0; }

int BeginInterruptible(Environment& environment, int fd, double timeout) {
  if (timeout == 0) return 0;
  if (const int failed = Interrupted(environment); failed < 0 || timeout > 0) return failed;
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && !(flags & O_NONBLOCK)) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  return 0;
}

int Backoff::Pause(Environment& environment, const Deadline& deadline) {
  timespec left;
  if (!deadline.Left(pause_, &left)) return -kTimedOut;
  pause_ = std::min(2 * pause_, kLongestPause);
  return WaitForAny(environment, nullptr, 0, Deadline(left.tv_sec + left.tv_nsec / 1e9));
}

}  // namespace bsd_sockets
