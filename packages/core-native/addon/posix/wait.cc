#include "posix/wait.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>
#include <vector>

#include "posix/descriptor.h"
#include "posix/signals.h"
#include "posix/system.h"

namespace bsd_sockets {

namespace {

int PollUntil(const Environment& environment, pollfd* entries, nfds_t count,
              const Deadline& deadline) {
  const int64_t slice = environment.interruptible() ? kStopSlice : -1;
  for (;;) {
    int64_t left;
    const bool over = !deadline.Left(slice, &left);
    const bool forever = deadline.unlimited() && slice < 0;
    const timespec limit = {static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
    const int ready = PollEntries(entries, count, forever ? nullptr : &limit);
    if (environment.interruptible() && environment.Stopping()) return -ECANCELED;
    if (ready > 0 || (ready == 0 && over)) return ready;
    if (ready < 0 && errno != EINTR) return -errno;
  }
}

short PollEvents(Ready events) {
  return static_cast<short>((events & kReadable ? POLLIN : 0) | (events & kWritable ? POLLOUT : 0));
}

}  // namespace

const int kWouldBlock = EAGAIN;
const int kInterrupted = EINTR;
const int kConnecting = EINPROGRESS;

int LastError() { return errno; }

bool Waits(const Environment& environment, Descriptor fd, double timeout) {
  if (timeout == 0) return false;
  return timeout > 0 || environment.interruptible() || environment.signals ||
         (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

double KernelTimeout(Descriptor fd, Ready events) {
  timeval timeout = {};
  socklen_t length = sizeof(timeout);
  const int option = events & kWritable ? SO_SNDTIMEO : SO_RCVTIMEO;
  if (getsockopt(fd, SOL_SOCKET, option, &timeout, &length) < 0) return -1;
  const double seconds = timeout.tv_sec + timeout.tv_usec / 1e6;
  return seconds > 0 ? seconds : -1;
}

int WaitForAny(Environment& environment, pollfd* entries, nfds_t count, const Deadline& deadline) {
  int64_t left;
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

int WaitFor(Environment& environment, Descriptor fd, Ready events, const Deadline& deadline) {
  // A unix datagram socket is ready even where its peer's queue is full: only the clock ends that.
  int64_t left;
  if (!deadline.Left(-1, &left)) return -kTimedOut;
  pollfd entry = {fd, PollEvents(events), 0};
  const int ready = WaitForAny(environment, &entry, 1, deadline);
  if (ready <= 0) return ready < 0 ? ready : -kTimedOut;
  return entry.revents & POLLNVAL ? -EBADF : 0;
}

bool IsReady(Descriptor fd, Ready events) {
  pollfd entry = {fd, PollEvents(events), 0};
  return poll(&entry, 1, 0) > 0;
}

int Interrupted(Environment& environment) { return environment.signals->HasCome() ? -EINTR : 0; }

int BeginInterruptible(Environment& environment, Descriptor fd, double timeout) {
  if (timeout == 0) return 0;
  if (const int failed = Interrupted(environment); failed < 0 || timeout > 0) return failed;
  SetNonblocking(environment, fd, 1);
  return 0;
}

void KeepNonblocking(Environment& environment, Descriptor fd, double timeout) {
  if (timeout > 0 || (timeout < 0 && environment.interruptible())) {
    SetNonblocking(environment, fd, 1);
  }
}

int PassTime(Environment& environment, int64_t nanoseconds) {
  const double seconds = static_cast<double>(nanoseconds) / kSecond;
  return WaitForAny(environment, nullptr, 0, Deadline(seconds));
}

}  // namespace bsd_sockets
