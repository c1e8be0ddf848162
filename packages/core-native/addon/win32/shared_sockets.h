#pragma once

#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "event_set.h"
#include "win32/winsock.h"

namespace bsd_sockets {

class Polls;

// The sockets that more than one set may wait for: of two event loops, or of a duplicate here or in
// another process. One thread of this process waits for them, whose polls throw nobody out.
class SharedSockets {
 public:
  static SharedSockets& Get();

  std::unique_lock<std::mutex> Lock() { return std::unique_lock<std::mutex>(mutex_); }

  // A set watches a descriptor from now on: whether it is a shared one.
  bool Join(Polls& set, Descriptor fd);
  void Leave(Polls& set, Descriptor fd);
  // A set waits for these events of a shared one: one of them is told.
  void Arm(Polls& set, ReadyEvent awaited);

  void NoteDuplicate(Descriptor fd);
  void ForgetDuplicate(Descriptor fd);

 private:
  struct Awaited {
    Polls* set;
    ReadyEvent event;
  };

  void Start();
  void Wake();
  [[noreturn]] void Run();

  std::mutex mutex_;
  std::unordered_set<Descriptor> duplicated_;
  std::unordered_map<Descriptor, std::vector<Polls*>> watchers_;
  std::vector<Awaited> awaited_;
  // Connected to itself: a datagram ends the wait of the thread.
  SOCKET bell_ = INVALID_SOCKET;
};

}  // namespace bsd_sockets
