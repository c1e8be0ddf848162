#include "retry.h"

#include <algorithm>

namespace bsd_sockets {

namespace {

constexpr int64_t kLongestPause = kSecond / 1000 * 16;

}  // namespace

Deadline::Deadline(double timeout, int64_t begin) : unlimited_(!(timeout >= 0)) {
  // A century, so that no timeout can overflow.
  if (!unlimited_) end_ = begin + static_cast<int64_t>(std::min(timeout, 3.2e9) * kSecond);
}

bool Deadline::Left(int64_t slice, int64_t* nanoseconds) const {
  *nanoseconds = slice;
  if (unlimited_) return true;
  const int64_t rest = end_ - Now();
  *nanoseconds = rest <= 0 ? 0 : slice < 0 ? rest : std::min(rest, slice);
  return rest > 0;
}

int Backoff::Pause(Environment& environment, const Deadline& deadline) {
  int64_t left;
  if (!deadline.Left(pause_, &left)) return -kTimedOut;
  pause_ = std::min(2 * pause_, kLongestPause);
  return PassTime(environment, left);
}

}  // namespace bsd_sockets
