#include "posix/signals.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace bsd_sockets {

namespace {

bool HasAction(int signum, void (*action)(int)) {
  struct sigaction current = {};
  return sigaction(signum, nullptr, &current) == 0 && !(current.sa_flags & SA_SIGINFO) &&
         current.sa_handler == action;
}

void Free(uv_handle_s* handle) { free(handle); }

}  // namespace

Signals::~Signals() {
  while (!watched_.empty()) Remove(watched_.begin()->first);
  if (!loop_) return;
  uv_run(loop_, kRunUntilDone);
  uv_loop_close(loop_);
  free(loop_);
}

int Signals::Open() {
  if (!uv_loop_init || !uv_loop_size || !uv_signal_init || !uv_handle_size) return -ENOSYS;
  auto* loop = static_cast<uv_loop_s*>(calloc(1, uv_loop_size()));
  if (!loop) return -ENOMEM;
  if (const int error = uv_loop_init(loop); error < 0) {
    free(loop);
    return error;
  }
  loop_ = loop;
  return 0;
}

int Signals::Add(int signum) {
  if (watched_.count(signum)) return 0;
  if (const int error = loop_ ? 0 : Open(); error < 0) return error;
  auto* handle = static_cast<uv_handle_s*>(calloc(1, uv_handle_size(kSignalHandle)));
  if (!handle) return -ENOMEM;
  const bool ignored = HasAction(signum, SIG_IGN);
  uv_signal_init(loop_, handle);
  uv_handle_set_data(handle, this);
  if (const int error = uv_signal_start(handle, OnSignal, signum); error < 0) {
    uv_close(handle, Free);
    return error;
  }
  watched_[signum] = {handle, ignored};
  // libuv looks at a descriptor from the next turn of the loop on.
  uv_run(loop_, kRunWithoutWait);
  return 0;
}

bool Signals::Remove(int signum) {
  const auto found = watched_.find(signum);
  if (found == watched_.end()) return false;
  uv_run(loop_, kRunWithoutWait);
  uv_signal_stop(found->second.handle);
  uv_close(found->second.handle, Free);
  // libuv leaves the default action, whatever there was before it.
  if (found->second.ignored && HasAction(signum, SIG_DFL)) signal(signum, SIG_IGN);
  watched_.erase(found);
  const auto come = std::find(come_.begin(), come_.end(), signum);
  if (come == come_.end()) return false;
  come_.erase(come);
  return true;
}

void Signals::OnSignal(uv_handle_s* handle, int signum) {
  auto& come = static_cast<Signals*>(uv_handle_get_data(handle))->come_;
  // One that waits already stands for more of its kind, as in the kernel.
  if (std::find(come.begin(), come.end(), signum) == come.end()) come.push_back(signum);
}

bool Signals::HasCome() {
  if (come_.empty()) uv_run(loop_, kRunWithoutWait);
  return !come_.empty();
}

int Signals::Take() {
  if (!HasCome()) return 0;
  const int signum = come_.front();
  come_.pop_front();
  return signum;
}

int64_t WatchSignal(Environment& environment, int signum) {
  // Signals come only to the main thread.
  if (environment.interruptible()) return -EOPNOTSUPP;
  auto signals = environment.signals ? environment.signals : std::make_shared<Signals>();
  if (const int error = signals->Add(signum); error < 0) return error;
  environment.signals = signals;
  return signals->fd();
}

int64_t UnwatchSignal(Environment& environment, int signum) {
  if (!environment.signals) return 0;
  const bool come = environment.signals->Remove(signum);
  if (environment.signals->empty()) environment.signals.reset();
  return come;
}

int64_t TakeSignal(Environment& environment) {
  return environment.signals ? environment.signals->Take() : 0;
}

}  // namespace bsd_sockets
