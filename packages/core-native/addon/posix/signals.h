#pragma once

#include <deque>
#include <map>

#include "binding.h"
#include "loop.h"

// The signals that end a wait of the main thread. libuv catches them, as it does for Node's own
// handlers, so that neither takes the signal from the other, in whatever order they come and go.
// What it tells goes to a loop of their own, which this thread runs without a wait: a signal makes
// the loop's descriptor readable, and so none is missed that comes right before a poll(2).

namespace bsd_sockets {

class Signals {
 public:
  Signals() = default;
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // 0, or a negative errno.
  int Add(int signum);
  // Gives the signal back the action that it had before, unless Node has a handler: whether it has
  // come and nobody has taken it.
  bool Remove(int signum);
  bool empty() const { return watched_.empty(); }

  // What becomes readable when a signal comes.
  Descriptor fd() const { return uv_backend_fd(loop_); }
  // Whether one has come that nobody has taken.
  bool HasCome();
  // The first of these, or 0.
  int Take();

 private:
  struct Watch {
    uv_handle_s* handle;
    bool ignored;  // before
  };

  int Open();
  static void OnSignal(uv_handle_s* handle, int signum);

  uv_loop_s* loop_ = nullptr;
  std::map<int, Watch> watched_;
  std::deque<int> come_;
};

// Lets a signal end the waits of this thread, the main one: a descriptor that becomes readable when
// one comes. Asking twice is asking once.
int64_t WatchSignal(Environment& environment, int signum);
// 1 if it has come and was not taken, else 0.
int64_t UnwatchSignal(Environment& environment, int signum);
// The first signal that has come and was not taken, or 0.
int64_t TakeSignal(Environment& environment);

}  // namespace bsd_sockets
