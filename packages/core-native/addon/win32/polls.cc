#include "win32/polls.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "win32/shared_sockets.h"
#include "win32/wait.h"

namespace bsd_sockets {

namespace {

constexpr int kAny = kReadable | kWritable;

static_assert(kReadable == kPollReadable && kWritable == kPollWritable, "libuv has the same bits");

// Whether a connection is at its end: a send that waits should know.
bool IsBroken(Descriptor fd) {
  WSAPOLLFD entry = {SocketOf(fd), POLLOUT, 0};
  return WSAPoll(&entry, 1, 0) > 0 && entry.revents & (POLLERR | POLLHUP);
}

// How often in a row the loop serves what is ready before it sleeps. Its timers wait meanwhile.
constexpr int kPasses = 4;

Polls* SetOf(const uv_handle_s* handle) {
  return static_cast<Polls*>(Libuv::Get().handle_get_data(handle));
}

}  // namespace

std::unique_ptr<EventSet> EventSet::Make() { return std::make_unique<Polls>(); }

Polls::~Polls() {
  for (const auto& [fd, watched] : watched_) SharedSockets::Get().Leave(*this, fd);
}

int Polls::Attach(uv_loop_s* loop, std::function<void()> ready) {
  const Libuv& uv = Libuv::Get();
  loop_ = loop;
  when_ready_ = std::move(ready);
  async_ = NewHandle(kAsyncHandle, this);
  check_ = NewHandle(kCheckHandle, this);
  prepare_ = NewHandle(kPrepareHandle, this);
  uv.async_init(loop, async_, [](uv_handle_s* handle) { SetOf(handle)->Listen(); });
  uv.check_init(loop, check_);
  uv.prepare_init(loop, prepare_);
  uv.check_start(check_, [](uv_handle_s* handle) {
    Polls& set = *SetOf(handle);
    if (!set.ready_.empty()) set.when_ready_();
  });
  uv.prepare_start(prepare_, [](uv_handle_s* handle) { SetOf(handle)->Arm(); });
  for (uv_handle_s* handle : {async_, check_, prepare_}) {
    // Only now does libuv leave the data alone.
    uv.handle_set_data(handle, this);
    uv.unref(handle);
  }
  return 0;
}

void Polls::Detach(std::function<void()> closed) {
  when_closed_ = std::move(closed);
  for (auto& [fd, watched] : watched_) {
    SharedSockets::Get().Leave(*this, fd);
    if (watched.handle) CloseHandle(watched.handle);
  }
  watched_.clear();
  for (uv_handle_s* handle : {async_, check_, prepare_}) CloseHandle(handle);
}

void Polls::KeepAlive(bool on) {
  const Libuv& uv = Libuv::Get();
  if (on) {
    uv.ref(check_);
  } else {
    uv.unref(check_);
  }
}

int Polls::Add(Descriptor fd, int32_t generation) {
  if (const auto found = watched_.find(fd); found != watched_.end()) {
    Watched& watched = found->second;
    watched.generation = generation;
    watched.wanted = kAny;
    // The thread would tell of the earlier generation.
    if (!watched.handle) watched.armed = 0;
    Queue(watched);
    return 0;
  }
  if (IntegerOption(fd, SOL_SOCKET, SO_TYPE) < 0) return static_cast<int>(Failure());
  Watched& watched = watched_[fd] = {this, fd, generation, nullptr, kAny, 0, false};
  if (!SharedSockets::Get().Join(*this, fd)) {
    watched.handle = static_cast<uv_handle_s*>(NewHandle(kPollHandle, this));
    const Libuv& uv = Libuv::Get();
    if (uv.poll_init_socket(loop_, watched.handle, SocketOf(fd)) != 0) {
      // What libuv cannot poll the thread may.
      free(watched.handle);
      open_handles_--;
      watched.handle = nullptr;
    } else {
      uv.handle_set_data(watched.handle, &watched);
      uv.unref(watched.handle);
    }
  }
  Queue(watched);
  return 0;
}

int Polls::Remove(Descriptor fd) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return -WSAENOTSOCK;
  SharedSockets::Get().Leave(*this, fd);
  if (found->second.handle) CloseHandle(found->second.handle);
  watched_.erase(found);
  return 0;
}

int Polls::Take(ReadyEvent* events, int most) {
  const auto count = std::min(ready_.size(), static_cast<size_t>(most));
  std::copy_n(ready_.begin(), count, events);
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(count));
  return static_cast<int>(count);
}

void Polls::Want(Descriptor fd, Ready events) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return;
  found->second.wanted |= events;
  Queue(found->second);
}

void Polls::MoveLater(Descriptor fd) {
  to_move_.push_back(fd);
  Libuv::Get().async_send(async_);
}

void Polls::TellLater(ReadyEvent event) {
  told_.push_back(event);
  Libuv::Get().async_send(async_);
}

uv_handle_s* Polls::NewHandle(int type, void* data) {
  const Libuv& uv = Libuv::Get();
  auto* handle = static_cast<uv_handle_s*>(calloc(1, uv.handle_size(type)));
  if (!handle) abort();
  uv.handle_set_data(handle, data);
  open_handles_++;
  return handle;
}

void Polls::CloseHandle(uv_handle_s* handle) {
  const Libuv& uv = Libuv::Get();
  uv.handle_set_data(handle, this);
  uv.close(handle, [](uv_handle_s* closed) {
    Polls& set = *SetOf(closed);
    free(closed);
    if (--set.open_handles_ == 0 && set.when_closed_) {
      // It ends this set.
      const auto done = std::move(set.when_closed_);
      done();
    }
  });
}

void Polls::Queue(Watched& watched) {
  if (watched.queued || (watched.wanted & ~watched.armed) == 0) return;
  watched.queued = true;
  queue_.push_back(watched.fd);
}

bool Polls::TellReady() {
  std::vector<WSAPOLLFD> entries;
  std::vector<Watched*> asked;
  for (const Descriptor fd : queue_) {
    const auto found = watched_.find(fd);
    if (found == watched_.end() || !found->second.queued) continue;
    Watched& watched = found->second;
    entries.push_back({SocketOf(fd), PollEvents(watched.wanted & ~watched.armed), 0});
    asked.push_back(&watched);
  }
  if (entries.empty() || WSAPoll(entries.data(), static_cast<ULONG>(entries.size()), 0) <= 0) {
    return false;
  }
  for (size_t index = 0; index < entries.size(); index++) {
    const int ready = ReadyOf(entries[index].revents) & asked[index]->wanted;
    if (ready != 0) Tell(*asked[index], ready);
  }
  return true;
}

void Polls::Arm() {
  // What is ready by now is told by one call, without a poll of each.
  for (int pass = 0; pass < kPasses && TellReady(); pass++) when_ready_();
  for (const Descriptor fd : queue_) {
    const auto found = watched_.find(fd);
    if (found == watched_.end() || !found->second.queued) continue;
    Watched& watched = found->second;
    watched.queued = false;
    if ((watched.wanted & ~watched.armed) == 0) continue;
    watched.armed = watched.wanted;
    if (!watched.handle) {
      SharedSockets::Get().Arm(*this, {fd, watched.generation, watched.armed});
    } else if (Libuv::Get().poll_start(watched.handle, watched.armed, OnReady) != 0) {
      Tell(watched, watched.armed);
    }
  }
  queue_.clear();
}

void Polls::Tell(Watched& watched, int ready) {
  watched.wanted &= ~ready;
  watched.armed &= ~ready;
  ready_.push_back({watched.fd, watched.generation, ready});
}

void Polls::OnReady(uv_handle_s* handle, int status, int events) {
  auto& watched = *static_cast<Watched*>(Libuv::Get().handle_get_data(handle));
  int ready = status < 0 ? kAny : events & kAny;
  if (ready == kReadable && watched.armed & kWritable && IsBroken(watched.fd)) ready = kAny;
  watched.set->Tell(watched, ready);
  if (watched.armed == 0) {
    Libuv::Get().poll_stop(handle);
  } else {
    Libuv::Get().poll_start(handle, watched.armed, OnReady);
  }
}

void Polls::Move(Watched& watched) {
  if (!watched.handle) return;
  CloseHandle(watched.handle);
  watched.handle = nullptr;
  watched.wanted |= watched.armed;
  watched.armed = 0;
  Queue(watched);
}

void Polls::Listen() {
  std::vector<Descriptor> to_move;
  std::vector<ReadyEvent> told;
  {
    const auto lock = SharedSockets::Get().Lock();
    to_move.swap(to_move_);
    told.swap(told_);
  }
  for (const Descriptor fd : to_move) {
    if (const auto found = watched_.find(fd); found != watched_.end()) Move(found->second);
  }
  for (const ReadyEvent& event : told) {
    const auto found = watched_.find(event.fd);
    if (found == watched_.end() || found->second.generation != event.generation) continue;
    Tell(found->second, event.ready);
    // The thread has forgotten what else was armed.
    found->second.armed = 0;
    Queue(found->second);
  }
}

}  // namespace bsd_sockets
