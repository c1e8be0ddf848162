#include <cerrno>
#include <cstdlib>

#include "loop.h"
#include "readiness.h"

namespace bsd_sockets {

namespace {

// The most that a wake-up goes on, however much comes: timers are due too.
constexpr int64_t kWakeMost = kSecond / 500;

class LoopReadiness : public Readiness {
 public:
  using Readiness::Readiness;

  int Open() override {
    const napi_env env = environment_.env();
    uv_loop_s* loop;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) return -ENOSYS;
    if (const int error = Readiness::Open(); error < 0) return error;
    handle_ = static_cast<uv_handle_s*>(calloc(1, uv_handle_size(kPollHandle)));
    if (!handle_) return -ENOMEM;
    if (const int error = uv_poll_init(loop, handle_, set().fd()); error < 0) return error;
    uv_handle_set_data(handle_, this);
    uv_unref(handle_);
    opened_ = true;
    // An environment that ends with an open handle aborts the process.
    napi_add_async_cleanup_hook(env, OnEnd, this, &hook_);
    return uv_poll_start(handle_, kPollReadable, OnReady);
  }

  void Close() override {
    if (closing_) return;
    closing_ = true;
    if (opened_) return uv_close(handle_, OnClosed);
    free(handle_);
    delete this;
  }

  void KeepAlive(bool on) override {
    Readiness::KeepAlive(on);
    if (on) {
      uv_ref(handle_);
    } else {
      uv_unref(handle_);
    }
  }

  int SetBusyPoll(int64_t duration) override {
    busy_poll_ = duration;
    return 0;
  }

 private:
  static void OnReady(uv_handle_s* handle, int, int) {
    static_cast<LoopReadiness*>(uv_handle_get_data(handle))->Wake();
  }

  static void OnEnd(napi_async_cleanup_hook_handle, void* readiness) {
    static_cast<LoopReadiness*>(readiness)->Close();
  }

  static void OnClosed(uv_handle_s* handle) {
    auto* readiness = static_cast<LoopReadiness*>(uv_handle_get_data(handle));
    const napi_async_cleanup_hook_handle hook = readiness->hook_;
    free(handle);
    delete readiness;
    if (hook) napi_remove_async_cleanup_hook(hook);
  }

  void Wake() {
    const int64_t begin = Now();
    int64_t end = begin + busy_poll_;
    int count = Deliver();
    for (int64_t now = Now(); now - begin < kWakeMost; now = Now()) {
      // Where several became ready others have meanwhile, and a turn of the loop costs more.
      if (count <= 1 && now >= end) break;
      if (count > 0) end = now + busy_poll_;
      count = Deliver();
    }
  }

  uv_handle_s* handle_ = nullptr;
  bool opened_ = false;
  bool closing_ = false;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  int64_t busy_poll_ = 0;
};

}  // namespace

Readiness* MakeLoopReadiness(Environment& environment, ReadyListener listener, ReadyMemory memory) {
  if (!uv_poll_init || !uv_handle_size) return nullptr;
  return new LoopReadiness(environment, listener, memory);
}

}  // namespace bsd_sockets
