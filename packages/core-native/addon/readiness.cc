#include "readiness.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "integral.h"
#include "loop.h"

namespace bsd_sockets {

namespace {

// The most that a wake-up polls on, however much comes: timers are due too.
constexpr int64_t kBusyPollMost = kSecond / 500;

}  // namespace

class Readiness {
 public:
  Readiness(napi_env env, ReadyBlock* block) : env_(env), block_(block) {}
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // 0, or a negative errno: then the caller deletes it.
  int Open(napi_value listener, napi_value array) {
    if (!uv_poll_init || !uv_handle_size) return -ENOSYS;
    uv_loop_s* loop;
    if (napi_get_uv_event_loop(env_, &loop) != napi_ok) return -ENOSYS;
    if (const int error = set_->Open(); error < 0) return error;
    handle_ = static_cast<uv_handle_s*>(calloc(1, uv_handle_size(kPollHandle)));
    if (!handle_) return -ENOMEM;
    if (napi_create_reference(env_, listener, 1, &listener_) != napi_ok ||
        napi_create_reference(env_, array, 1, &array_) != napi_ok) {
      return -ENOMEM;
    }
    if (const int error = uv_poll_init(loop, handle_, set_->fd()); error < 0) return error;
    uv_handle_set_data(handle_, this);
    uv_unref(handle_);
    opened_ = true;
    // An environment that ends with an open handle aborts the process.
    napi_add_async_cleanup_hook(env_, OnEnd, this, &hook_);
    return uv_poll_start(handle_, kPollReadable, OnReady);
  }

  // Closes what Open() opened, and deletes this, now or when the loop has let go of the handle.
  void Close() {
    if (closing_) return;
    closing_ = opened_;
    for (napi_ref reference : {listener_, array_}) {
      if (reference) napi_delete_reference(env_, reference);
    }
    listener_ = array_ = nullptr;
    if (opened_) return uv_close(handle_, OnClosed);
    free(handle_);
    delete this;
  }

  EventSet& set() { return *set_; }

  void KeepAlive(bool on) {
    block_->referenced = on;
    if (on) {
      uv_ref(handle_);
    } else {
      uv_unref(handle_);
    }
  }

  void set_busy_poll(double seconds) {
    busy_poll_ = std::clamp<int64_t>(Integral<int64_t>(seconds * kSecond), 0, kSecond);
  }

 private:
  ~Readiness() = default;

  static void OnReady(uv_handle_s* handle, int, int) {
    static_cast<Readiness*>(uv_handle_get_data(handle))->Deliver();
  }

  static void OnEnd(napi_async_cleanup_hook_handle, void* readiness) {
    static_cast<Readiness*>(readiness)->Close();
  }

  static void OnClosed(uv_handle_s* handle) {
    auto* readiness = static_cast<Readiness*>(uv_handle_get_data(handle));
    const napi_async_cleanup_hook_handle hook = readiness->hook_;
    readiness->closing_ = readiness->opened_ = false;
    readiness->Close();
    if (hook) napi_remove_async_cleanup_hook(hook);
  }

  void Deliver() {
    bool found = DeliverBatch();
    if (busy_poll_ > 0) {
      const int64_t begin = Now();
      for (int64_t end = begin + busy_poll_, now = begin; found || now < end; now = Now()) {
        if (now - begin >= kBusyPollMost) break;
        if (found) end = now + busy_poll_;
        found = DeliverBatch();
      }
    }
    // JavaScript leaves it to this place to let go of the loop: mostly it waits again by now.
    if (block_->waiting == 0 && block_->referenced) KeepAlive(false);
  }

  // Tells JavaScript of what became ready: whether there was anything.
  bool DeliverBatch() {
    const int count = set_->Take(block_->events, kMostEvents);
    if (count <= 0) return false;
    block_->count = count;
    Call();
    return true;
  }

  void Call() {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
    napi_value listener;
    napi_value global;
    if (napi_get_reference_value(env_, listener_, &listener) == napi_ok &&
        napi_get_global(env_, &global) == napi_ok &&
        // Promises that were settled meanwhile go on when it returns.
        napi_make_callback(env_, nullptr, global, listener, 0, nullptr, nullptr) ==
            napi_pending_exception) {
      napi_value error;
      if (napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
        napi_fatal_exception(env_, error);
      }
    }
    napi_close_handle_scope(env_, scope);
  }

  napi_env env_;
  ReadyBlock* block_;
  std::unique_ptr<EventSet> set_ = EventSet::Make();
  uv_handle_s* handle_ = nullptr;
  bool opened_ = false;
  bool closing_ = false;
  // The function, and the array that `block_` lies in.
  napi_ref listener_ = nullptr;
  napi_ref array_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  int64_t busy_poll_ = 0;
};

bool Read(napi_env env, napi_value value, ReadyListener* out) {
  napi_valuetype kind;
  out->function = value;
  return napi_typeof(env, value, &kind) == napi_ok && kind == napi_function;
}

bool Read(napi_env env, napi_value value, ReadyMemory* out) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  out->array = value;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  out->block = static_cast<ReadyBlock*>(data);
  return type == napi_int32_array && length == sizeof(ReadyBlock) / sizeof(int32_t);
}

int64_t OpenReadiness(Environment& environment, ReadyListener listener, ReadyMemory memory) {
  if (environment.readiness) return -EALREADY;
  auto* readiness = new Readiness(environment.env(), memory.block);
  const int error = readiness->Open(listener.function, memory.array);
  if (error < 0) {
    readiness->Close();
  } else {
    environment.readiness = readiness;
  }
  return error;
}

int64_t Watch(Environment& environment, Descriptor fd, int generation) {
  return environment.readiness ? environment.readiness->set().Add(fd, generation) : -EINVAL;
}

int64_t Unwatch(Environment& environment, Descriptor fd) {
  return environment.readiness ? environment.readiness->set().Remove(fd) : -EINVAL;
}

int64_t KeepAlive(Environment& environment, int on) {
  if (!environment.readiness) return -EINVAL;
  environment.readiness->KeepAlive(on);
  return 0;
}

int64_t SetBusyPoll(Environment& environment, double seconds) {
  if (!environment.readiness) return -EINVAL;
  environment.readiness->set_busy_poll(seconds);
  return 0;
}

}  // namespace bsd_sockets
