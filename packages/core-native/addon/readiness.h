#pragma once

#include <node_api.h>

#include <cstdint>

#include "environment.h"
#include "event_set.h"

// The descriptors of an environment that a promise waits for: one event set, watched by one handle
// of the environment's own event loop, and one call into JavaScript for all descriptors that became
// ready.

namespace bsd_sockets {

constexpr int kMostEvents = 1024;

// Memory that JavaScript shares: an Int32Array of this size.
struct ReadyBlock {
  int32_t waiting;     // how many operations wait: JavaScript counts them
  int32_t referenced;  // whether the handle keeps the event loop alive
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

// Opens the environment's set; `listener` is called, without arguments, when there are events.
int64_t OpenReadiness(Environment& environment, ReadyListener listener, ReadyMemory memory);

// Adds a descriptor, for all events, each of which is told once. What is ready already is told too.
int64_t Watch(Environment& environment, Descriptor fd, int generation);

// Takes a descriptor away, before it is closed: one that has a duplicate would stay.
int64_t Unwatch(Environment& environment, Descriptor fd);

// Whether the event loop goes on while there is nothing but this set.
int64_t KeepAlive(Environment& environment, int on);

// For how many seconds to look for more after a batch of events, with the processor at full load.
int64_t SetBusyPoll(Environment& environment, double seconds);

}  // namespace bsd_sockets
