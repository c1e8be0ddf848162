#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "mapping.h"

namespace bsd_sockets {

// Memory that JavaScript and the bindings of the send and receive path share: an argument costs a
// store into a typed array instead of a Node-API conversion. `call-block.ts` has the same layout.
struct CallBlock {
  double fd;
  double flags;
  double offset;          // into the bytes handed over
  double length;          // bytes from there on
  double timeout;         // seconds; below 0: no limit, 0: never wait
  double address_length;  // in: bytes of `address` that count (send) or may be written (receive);
                          // out: written
  double error;           // out: errno behind EAI_SYSTEM or NETDB_INTERNAL
  double second_fd;       // out: the second descriptor of a socket pair
  double message_flags;   // out: msg_flags of a received message
  double control_length;  // out: bytes of its control data
  double result;          // out: that of a call which returns none
  uint8_t address[256];   // a whole struct sockaddr
};

// The memory of a typed array; `data` is null for null and undefined.
struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;

  std::string Text() const { return std::string(reinterpret_cast<const char*>(data), length); }
  std::optional<std::string> OptionalText() const {
    return data ? std::optional(Text()) : std::nullopt;
  }
};

class PendingLookup;
class Readiness;

// What one Node environment (the main thread, or a worker) holds. Node deletes it when the
// environment ends: that closes every descriptor which a terminated worker left open.
class Environment {
 public:
  explicit Environment(napi_env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  napi_env env() const { return env_; }
  CallBlock& block() { return *block_; }

  // An array buffer over the call block; its memory lives as long as either side needs it.
  napi_value BlockBuffer();

  // Memory to receive into that is handed over once, not at each call. False for what is no
  // Uint8Array.
  bool RegisterPool(napi_value array);
  // The registered memory, if there is any. Whether its buffer was detached since, `native.ts`
  // looks: asking Node-API takes eighty instructions.
  const Bytes& pool() const { return pool_; }

  // `fd` belongs to this environment until it is closed or disowned.
  int Own(int fd) {
    if (fd >= 0) owned_.insert(fd);
    return fd;
  }
  void Disown(int fd) { owned_.erase(fd); }

  // The look-ups in the thread pool, by number.
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

  // Null until the first promise waits. It ends by itself, with the environment.
  Readiness* readiness = nullptr;

  // Whether waits come in slices, with a look at Stopping() after each: in a worker, which its
  // parent may terminate.
  bool interruptible() const { return interruptible_; }

  // Whether this environment is being terminated and may run no more JavaScript.
  bool Stopping() const;

 private:
  napi_env env_;
  std::shared_ptr<CallBlock> block_;
  std::unordered_set<int> owned_;
  std::unordered_map<int32_t, PendingLookup*> lookups_;
  int32_t last_lookup_ = 0;
  std::unordered_map<int32_t, Mapping> mappings_;
  int32_t next_mapping_ = 0;
  bool interruptible_;
  napi_ref pool_buffer_ = nullptr;
  Bytes pool_;
};

}  // namespace bsd_sockets
