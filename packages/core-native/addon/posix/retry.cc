#include "posix/retry.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>

namespace bsd_sockets {

namespace {

// How long a terminated worker may go on waiting.
constexpr int64_t kStopSlice = kSecond / 20;
constexpr int64_t kLongestPause = kSecond / 1000 * 16;

}  // namespace

Deadline::Deadline(double timeout, int64_t begin) : unlimited_(!(timeout >= 0)) {
  // A century, so that no time-out can overflow.
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

int WaitForAny(const Environment& environment, pollfd* entries, nfds_t count,
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

int Wait(const Environment& environment, int fd, short events, const Deadline& deadline) {
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

int Backoff::Pause(const Environment& environment, const Deadline& deadline) {
  timespec left;
  if (!deadline.Left(pause_, &left)) return -kTimedOut;
  pause_ = std::min(2 * pause_, kLongestPause);
  nanosleep(&left, nullptr);
  return environment.interruptible() && environment.Stopping() ? -ECANCELED : 0;
}

}  // namespace bsd_sockets
