#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "event_set.h"
#include "win32/libuv.h"

// The sockets that the promises of one event loop wait for: a uv_poll for each. What is awaited of
// them is armed right before the loop sleeps, and all that became ready is told right after it.
// Before that, what is ready already is asked by one WSAPoll.
//
// libuv's polls are exclusive: two for one socket would throw each other out for ever. A socket
// that another set watches too, or that has a duplicate, is therefore left to one thread of the
// process (shared_sockets.h).

namespace bsd_sockets {

class Polls : public EventSet {
 public:
  ~Polls() override;

  int Open() override { return 0; }
  // Nothing becomes readable: the event loop calls.
  Descriptor fd() const override { return -1; }
  int Add(Descriptor fd, int32_t generation) override;
  int Remove(Descriptor fd) override;
  int Take(ReadyEvent* events, int most) override;

  // `ready` is called by the loop when there is something to take.
  int Attach(uv_loop_s* loop, std::function<void()> ready);
  // Lets go of the loop: `closed` is called once it has done so too.
  void Detach(std::function<void()> closed);
  void KeepAlive(bool on);

  // Tells of a descriptor again that was told of, if it is in the set.
  void Want(Descriptor fd, Ready events);

  // What another thread has to say; the lock of the shared sockets is held.
  void MoveLater(Descriptor fd);
  void TellLater(ReadyEvent event);

 private:
  struct Watched {
    Polls* set;
    Descriptor fd;
    int32_t generation;
    // Null for a shared socket.
    uv_handle_s* handle;
    int wanted;
    int armed;
    bool queued;
  };

  uv_handle_s* NewHandle(int type, void* data);
  void CloseHandle(uv_handle_s* handle);
  void Queue(Watched& watched);
  // Tells what of the queue is ready by now: whether anything is.
  bool TellReady();
  void Arm();
  void Tell(Watched& watched, int ready);
  // Gives a socket to the thread.
  void Move(Watched& watched);
  void Listen();
  static void OnReady(uv_handle_s* handle, int status, int events);

  uv_loop_s* loop_ = nullptr;
  uv_handle_s* async_ = nullptr;
  uv_handle_s* check_ = nullptr;
  uv_handle_s* prepare_ = nullptr;
  int open_handles_ = 0;
  std::function<void()> when_ready_;
  std::function<void()> when_closed_;
  std::unordered_map<Descriptor, Watched> watched_;
  // To be armed.
  std::vector<Descriptor> queue_;
  std::vector<ReadyEvent> ready_;
  std::vector<Descriptor> to_move_;
  std::vector<ReadyEvent> told_;
};

}  // namespace bsd_sockets
