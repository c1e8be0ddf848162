#pragma once

#include <node_api.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "mapping.h"
#include "platform.h"

namespace bsd_sockets {

// The memory of a typed array; `data` is null for null and undefined.
struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;

  std::string Text() const { return std::string(reinterpret_cast<const char*>(data), length); }
  std::optional<std::string> OptionalText() const {
    return data ? std::optional(Text()) : std::nullopt;
  }
  // Copies as many as there is room for: how many. No bytes at all may be at null, which memcpy(3)
  // refuses.
  size_t CopyTo(void* memory, size_t room) const {
    const size_t count = std::min(length, room);
    if (count > 0) memcpy(memory, data, count);
    return count;
  }
};

// Memory that JavaScript and the bindings of the send and receive path share: an argument costs a
// store into a typed array instead of a Node-API conversion. `slot.ts` has the same layout.
struct CallBlock {
  // Not beside `flags`: one load of both would wait for the two stores that made them.
  int32_t fd;
  uint32_t address_length;  // in: bytes of `address` that count (send) or may be written (receive);
                            // out: written
  int32_t flags;
  int32_t result;           // out: that of a call which returns none, or something else
  int32_t error;            // out: errno behind EAI_SYSTEM or NETDB_INTERNAL
  int32_t second_fd;        // out: the second descriptor of a socket pair
  int32_t message_flags;    // out: msg_flags of a received message
  int32_t control_length;   // out: bytes of its control data; in and out: how many descriptors, or
                            // how many bytes of a batch's next message were sent
  uint32_t message_length;  // in: bytes of `message` to send; 0 for other memory
  int32_t shut_down;        // in: whether a receive that finds nothing has come to the end
  double offset;            // into the bytes handed over
  double length;            // bytes from there on
  double timeout;           // seconds; below 0: no limit, 0: never wait
  uint8_t address[256];     // a whole struct sockaddr
  uint8_t message[1024];    // a short one to send, or descriptors; the last part, up to the end

  // Whether bytes have the part that offset and length tell, whatever numbers they are: a view may
  // have become shorter since the call was made (its buffer was detached, or resized).
  bool IsWithin(Bytes bytes) const {
    const auto most = static_cast<double>(static_cast<int64_t>(bytes.length));
    return offset >= 0 && length >= 0 && offset + length <= most;
  }
  // That part. A double becomes a signed integer by one instruction, an unsigned one by a dozen.
  Bytes Part(Bytes bytes) const {
    return {bytes.data + static_cast<int64_t>(offset),
            static_cast<size_t>(static_cast<int64_t>(length))};
  }
};
static_assert(offsetof(CallBlock, offset) == 40 && offsetof(CallBlock, address) == 64 &&
              offsetof(CallBlock, message) == 320);

class PendingLookup;
class Readiness;
class Signals;

// What one Node environment (the main thread, or a worker) holds. Node deletes it when the
// environment ends: that closes every descriptor which a terminated worker left open.
class Environment {
 public:
  explicit Environment(napi_env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  // The environment that `env` belongs to.
  static Environment& Of(napi_env env) {
    if (env == main_env_.load(std::memory_order_relaxed)) return *main_;
    void* environment = nullptr;
    napi_get_instance_data(env, &environment);
    return *static_cast<Environment*>(environment);
  }

  napi_env env() const { return env_; }
  CallBlock& block() { return *block_; }

  // An array buffer over the call block; its memory lives as long as either side needs it. Null,
  // with an exception, where the engine makes none.
  napi_value BlockBuffer();

  // The memory that was handed over last to send from and to receive into. JavaScript keeps it
  // while it goes on to use it, and sees when it is taken away: asking Node-API takes two hundred
  // instructions.
  Bytes sent;
  Bytes received;

  // `fd` belongs to this environment until it is closed or disowned.
  int Own(int fd) {
    if (fd >= 0) owned_.insert(fd);
    return fd;
  }
  void Disown(int fd) { owned_.erase(fd); }

  // The lookups in the thread pool, by number.
  std::unordered_map<int32_t, PendingLookup*>& lookups() { return lookups_; }
  int32_t NextLookup() { return last_lookup_ = last_lookup_ % INT32_MAX + 1; }

  // Memory that this environment has mapped, under a number that is used once.
  int32_t OwnMapping(uint8_t* data, size_t size) {
    mappings_.try_emplace(next_mapping_, data, size);
    return next_mapping_++;
  }
  const Mapping* FindMapping(int32_t number) const {
    const auto found = mappings_.find(number);
    return found == mappings_.end() ? nullptr : &found->second;
  }
  bool EraseMapping(int32_t number) { return mappings_.erase(number) > 0; }

  // Whether somebody has set SO_RCVTIMEO or SO_SNDTIMEO here: a call that a signal interrupts then
  // needs to know when it began.
  bool kernel_timeouts = false;

  // The sets that promises wait with, by number: none until the first waits. They close themselves
  // when the environment ends.
  std::unordered_map<int32_t, Readiness*> readiness;
  int32_t NextReadiness() { return ++last_readiness_; }

  // Null unless signals should end the waits of this thread.
  std::shared_ptr<Signals> signals;

  // Whether waits come in slices, with a look at Stopping() after each: in a worker, which its
  // parent may terminate.
  bool interruptible() const { return interruptible_; }

  // Whether this environment is being terminated and may run no more JavaScript.
  bool Stopping() const;

 private:
  // The same where memory has to be the engine's own.
  napi_value EngineBlock();

  // That of the main thread, where a comparison finds it sooner than Node-API does.
  static std::atomic<napi_env> main_env_;
  static Environment* main_;

  napi_env env_;
  std::shared_ptr<CallBlock> block_;
  std::unordered_set<int> owned_;
  std::unordered_map<int32_t, PendingLookup*> lookups_;
  int32_t last_lookup_ = 0;
  int32_t last_readiness_ = 0;
  std::unordered_map<int32_t, Mapping> mappings_;
  int32_t next_mapping_ = 0;
  bool interruptible_;
};

}  // namespace bsd_sockets
