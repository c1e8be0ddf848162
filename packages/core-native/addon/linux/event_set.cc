#include "event_set.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

namespace bsd_sockets {

namespace {

int32_t ReadyOf(uint32_t events) {
  constexpr uint32_t broken = EPOLLERR | EPOLLHUP;
  constexpr uint32_t lasting = broken | EPOLLRDHUP | EPOLLPRI;
  int32_t ready = 0;
  if (events & (EPOLLIN | lasting)) ready |= kReadable;
  if (events & (EPOLLOUT | broken)) ready |= kWritable;
  if (events & lasting) ready |= kLasting;
  return ready;
}

class Epoll : public EventSet {
 public:
  ~Epoll() override {
    if (epoll_ >= 0) CloseDescriptor(epoll_);
  }

  int Open() override {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    return epoll_ < 0 ? -errno : 0;
  }

  Descriptor fd() const override { return epoll_; }

  int Add(Descriptor fd, int32_t generation) override {
    const int result = Control(EPOLL_CTL_ADD, fd, generation);
    // An observer adds it twice; or somebody closed the descriptor behind our back, and has the
    // same socket under the same number again.
    return result == -EEXIST ? Control(EPOLL_CTL_MOD, fd, generation) : result;
  }

  int Remove(Descriptor fd) override { return Control(EPOLL_CTL_DEL, fd, 0); }

  int Take(ReadyEvent* events, int most) override {
    epoll_event taken[kMost];
    const int count = epoll_wait(epoll_, taken, std::min(most, kMost), 0);
    for (int index = 0; index < count; index++) {
      const uint64_t data = taken[index].data.u64;
      events[index] = {static_cast<int32_t>(data), static_cast<int32_t>(data >> 32),
                       ReadyOf(taken[index].events)};
    }
    return count < 0 ? -errno : count;
  }

 private:
  static constexpr int kMost = 1024;

  int Control(int operation, Descriptor fd, int32_t generation) {
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
    event.data.u64 =
        static_cast<uint64_t>(static_cast<uint32_t>(generation)) << 32 | static_cast<uint32_t>(fd);
    return epoll_ctl(epoll_, operation, fd, &event) < 0 ? -errno : 0;
  }

  int epoll_ = -1;
};

}  // namespace

std::unique_ptr<EventSet> EventSet::Make() { return std::make_unique<Epoll>(); }

}  // namespace bsd_sockets
