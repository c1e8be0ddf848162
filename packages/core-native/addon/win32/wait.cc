#include "win32/wait.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <unordered_map>
#include <vector>

namespace bsd_sockets {

namespace {

// Upwards, so that a short rest is not waited for in a circle. Below 0: without limit.
int Milliseconds(int64_t nanoseconds) {
  if (nanoseconds < 0) return -1;
  return static_cast<int>(std::min<int64_t>((nanoseconds + 999'999) / 1'000'000, INT_MAX));
}

// Calls `wait` with a number of milliseconds, in slices where this environment may be ended: what
// it returns, once that is not 0, or 0 when the time is over.
template <typename Wait>
int InSlices(const Environment& environment, const Deadline& deadline, Wait wait) {
  const int64_t slice = environment.interruptible() ? kStopSlice : -1;
  for (;;) {
    int64_t left;
    const bool over = !deadline.Left(slice, &left);
    const int result = wait(Milliseconds(left));
    if (environment.interruptible() && environment.Stopping()) return -ECANCELED;
    if (result != 0 || over) return result;
  }
}

int PollOne(Descriptor fd, Ready events, int milliseconds) {
  WSAPOLLFD entry = {SocketOf(fd), PollEvents(events), 0};
  return WSAPoll(&entry, 1, milliseconds);
}

// What to ask WSAPoll for one entry.
short Asked(const WSAPOLLFD& entry) {
  const int urgent = entry.events & POLLPRI ? POLLRDBAND : 0;
  return static_cast<short>((entry.events & (POLLIN | POLLOUT)) | urgent);
}

// How many connects have ended, of one.
int SelectConnect(Descriptor fd, int milliseconds) {
  fd_set writable = {1, {SocketOf(fd)}};
  fd_set failed = writable;
  const timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
  return select(0, nullptr, &writable, &failed, milliseconds < 0 ? nullptr : &limit);
}

}  // namespace

short PollEvents(int ready) {
  return static_cast<short>((ready & kReadable ? POLLIN : 0) | (ready & kWritable ? POLLOUT : 0));
}

int ReadyOf(short revents) {
  const bool broken = revents & (POLLERR | POLLHUP | POLLNVAL);
  return (revents & POLLIN || broken ? kReadable : 0) |
         (revents & POLLOUT || broken ? kWritable : 0);
}

bool Waits(const Environment&, Descriptor, double timeout) { return timeout != 0; }

double KernelTimeout(Descriptor fd, Ready events) {
  const int option = events & kWritable ? SO_SNDTIMEO : SO_RCVTIMEO;
  const int milliseconds = IntegerOption(fd, SOL_SOCKET, option);
  return milliseconds > 0 ? milliseconds / 1e3 : -1;
}

int WaitForAny(Environment& environment, WSAPOLLFD* entries, size_t count,
               const Deadline& deadline) {
  // WSAPoll calls a negative one not open, takes no events that are only told, has another name for
  // urgent data, and may tell of a socket that it gets twice only once.
  std::vector<WSAPOLLFD> asked;
  std::unordered_map<SOCKET, size_t> places;
  bool connecting = false;
  for (WSAPOLLFD* entry = entries; entry != entries + count; entry++) {
    entry->revents = 0;
    const auto fd = static_cast<Descriptor>(entry->fd);
    if (fd < 0) continue;
    const SOCKET socket = SocketOf(fd);
    const auto [place, is_new] = places.try_emplace(socket, asked.size());
    if (is_new) asked.push_back({socket, 0, 0});
    asked[place->second].events |= Asked(*entry);
    connecting = connecting || entry->events & POLLOUT;
  }
  int64_t left;
  if (asked.empty()) {
    return deadline.Left(-1, &left) || deadline.unlimited()
               ? InSlices(environment, deadline,
                          [](int milliseconds) {
                            Sleep(milliseconds < 0 ? INFINITE : static_cast<DWORD>(milliseconds));
                            return 0;
                          })
               : 0;
  }
  const auto poll = [&](int milliseconds) {
    const int ready = WSAPoll(asked.data(), static_cast<ULONG>(asked.size()), milliseconds);
    return ready < 0 ? static_cast<int>(Failure()) : ready;
  };
  const int result = InSlices(environment, deadline, poll);
  if (result < 0) return result;
  if (result == 0 && connecting) {
    for (WSAPOLLFD& entry : asked) {
      if (entry.events & POLLOUT && HasFailedToConnect(static_cast<Descriptor>(entry.fd))) {
        entry.revents = POLLERR;
      }
    }
  }
  int ready = 0;
  for (WSAPOLLFD* entry = entries; entry != entries + count; entry++) {
    const auto fd = static_cast<Descriptor>(entry->fd);
    if (fd < 0) continue;
    const auto told = static_cast<short>(Asked(*entry) | POLLERR | POLLHUP | POLLNVAL);
    entry->revents = asked[places[SocketOf(fd)]].revents & told;
    if (entry->events & POLLPRI && entry->revents & POLLRDBAND) entry->revents |= POLLPRI;
    if (entry->revents) ready++;
  }
  return ready;
}

bool HasFailedToConnect(Descriptor fd) {
  fd_set failed = {1, {SocketOf(fd)}};
  const timeval now = {0, 0};
  // Urgent data is told in the same place, but of a connection.
  return select(0, nullptr, nullptr, &failed, &now) > 0 &&
         IntegerOption(fd, SOL_SOCKET, SO_CONNECT_TIME) == -1;
}

int WaitForConnect(Environment& environment, Descriptor fd, const Deadline& deadline) {
  int64_t left;
  if (!deadline.Left(-1, &left)) return -kTimedOut;
  const int ended = InSlices(environment, deadline, [&](int milliseconds) {
    const int count = SelectConnect(fd, milliseconds);
    return count < 0 ? static_cast<int>(Failure()) : count;
  });
  return ended == 0 ? -kTimedOut : std::min(ended, 0);
}

int WaitFor(Environment& environment, Descriptor fd, Ready events, const Deadline& deadline) {
  int64_t left;
  if (!deadline.Left(-1, &left)) return -kTimedOut;
  const int ready = InSlices(environment, deadline, [&](int milliseconds) {
    const int count = PollOne(fd, events, milliseconds);
    return count < 0 ? static_cast<int>(Failure()) : count;
  });
  return ready == 0 ? -kTimedOut : std::min(ready, 0);
}

bool IsReady(Descriptor fd, Ready events) { return PollOne(fd, events, 0) > 0; }

// A receive fails then.
bool IsShutDown(Descriptor) { return false; }

// Signals end no call here.
int BeginInterruptible(Environment&, Descriptor, double) { return 0; }

int PassTime(Environment& environment, int64_t nanoseconds) {
  const double seconds = static_cast<double>(nanoseconds) / kSecond;
  return WaitForAny(environment, nullptr, 0, Deadline(seconds));
}

}  // namespace bsd_sockets
