#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>

#include "environment.h"
#include "event_set.h"

// The descriptors that promises wait for: an event set, and one call into JavaScript for all that
// became ready. An environment has one for each evaluation of `readiness.ts`, by number.

namespace bsd_sockets {

constexpr int kMostEvents = 1024;

// Memory that JavaScript shares: an Int32Array of this size.
struct ReadyBlock {
  int32_t waiting;     // how many operations wait: JavaScript counts them
  int32_t referenced;  // whether the set keeps the event loop alive
  int32_t count;       // how many events there are
  ReadyEvent events[kMostEvents];
};

struct ReadyListener {
  napi_value function;
};

struct ReadyMemory {
  napi_value array;
  ReadyBlock* block;
};

bool Read(napi_env env, napi_value value, ReadyListener* out);
bool Read(napi_env env, napi_value value, ReadyMemory* out);

// What looks at an event set and calls JavaScript. How it learns that there is something to take
// is its children's business.
class Readiness {
 public:
  Readiness(Environment& environment, ReadyListener listener, ReadyMemory memory);
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // 0, or a negative errno: then it has to be closed too.
  virtual int Open();
  // Lets go of all, and deletes this, now or later: until then another call does nothing.
  virtual void Close() = 0;
  // Whether the event loop goes on while there is nothing but this set.
  virtual void KeepAlive(bool on);
  // A turn of the event loop has ended in which JavaScript was called.
  virtual void Acknowledge() {}
  // For how long to look for more after a batch of events, in nanoseconds; -ENOSYS if it cannot.
  virtual int SetBusyPoll(int64_t duration);

  EventSet& set() { return *set_; }
  int32_t number() const { return number_; }

 protected:
  virtual ~Readiness();

  // Tells JavaScript of what became ready: how many descriptors. JavaScript leaves it to its end to
  // let go of the loop: mostly it waits again by then.
  int Deliver();
  // Calls the listener from the event loop.
  virtual void Call(napi_value listener);

  Environment& environment_;

 private:
  std::unique_ptr<EventSet> set_ = EventSet::Make();
  const int32_t number_;
  ReadyBlock* block_;
  // The function, and the array that `block_` lies in: weak, for the evaluation that they belong to
  // may be forgotten, which they are kept alive by.
  napi_ref listener_ = nullptr;
  napi_ref array_ = nullptr;
};

// One that a handle of the environment's own event loop (libuv) watches, if it has one.
Readiness* MakeLoopReadiness(Environment& environment, ReadyListener listener, ReadyMemory memory);
// One that a thread of its own watches (a platform's). It needs no libuv.
Readiness* MakeThreadReadiness(Environment& environment, ReadyListener listener,
                               ReadyMemory memory);

// Opens a set: its number. `listener` is called, without arguments, when there are events, by a
// thread that watches it or by the event loop.
int64_t OpenReadiness(Environment& environment, ReadyListener listener, ReadyMemory memory,
                      int by_thread);

// Tells that a turn of the event loop has ended in which the listener of a set was called that a
// thread watches.
int64_t AcknowledgeReadiness(Environment& environment, int number);

// Closes a set whose evaluation was forgotten.
int64_t CloseReadiness(Environment& environment, int number);

// Adds a descriptor, for all events, each of which is told once. What is ready already is told too.
int64_t Watch(Environment& environment, int number, Descriptor fd, int generation);

// Takes a descriptor away, before it is closed: one that has a duplicate would stay.
int64_t Unwatch(Environment& environment, int number, Descriptor fd);

// Whether the event loop goes on while there is nothing but this set.
int64_t KeepAlive(Environment& environment, int number, int on);

// For how many seconds to look for more after a batch of events, with the processor at full load.
int64_t SetBusyPoll(Environment& environment, int number, double seconds);

}  // namespace bsd_sockets
