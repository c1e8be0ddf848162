#pragma once

#include <cstdint>
#include <memory>

#include "platform.h"

namespace bsd_sockets {

// What a descriptor became. `readiness.ts` has the same numbers.
enum Ready : int32_t {
  kReadable = 1,
  kWritable = 2,
  // The peer has hung up, there is an error or urgent data: a state that is not announced again.
  kLasting = 4,
};

// A descriptor that became ready. The generation is the one that Add() was given: a descriptor's
// number is used again.
struct ReadyEvent {
  Descriptor fd;
  int32_t generation;
  int32_t ready;
};

// Descriptors that are watched for whatever can become of them: what is ready when one is added is
// told, and each change after that, once. Errors are negative numbers of the platform.
class EventSet {
 public:
  // One implementation for each platform (`linux/event_set.cc`).
  static std::unique_ptr<EventSet> Make();

  virtual ~EventSet() = default;
  virtual int Open() = 0;
  // What becomes readable when there is something to take.
  virtual Descriptor fd() const = 0;
  // Adds a descriptor, or gives one that is in the set another generation.
  virtual int Add(Descriptor fd, int32_t generation) = 0;
  // Takes a descriptor away, before it is closed: one that has a duplicate would stay.
  virtual int Remove(Descriptor fd) = 0;
  // Takes what there is, without a wait: how many events, at most `most`.
  virtual int Take(ReadyEvent* events, int most) = 0;
};

}  // namespace bsd_sockets
