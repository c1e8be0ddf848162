#include <cerrno>

#include "readiness.h"
#include "win32/polls.h"
#include "win32/watch.h"

namespace bsd_sockets {

namespace {

class LoopReadiness : public Readiness {
 public:
  using Readiness::Readiness;

  int Open() override {
    const napi_env env = environment_.env();
    uv_loop_s* loop;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) return -ENOSYS;
    if (const int error = Readiness::Open(); error < 0) return error;
    attached_ = true;
    // An environment that ends with an open handle aborts the process.
    napi_add_async_cleanup_hook(env, OnEnd, this, &hook_);
    return polls().Attach(loop, [this] {
      while (Deliver() == kMostEvents) {
      }
    });
  }

  void Close() override {
    if (closing_) return;
    closing_ = true;
    if (!attached_) return Delete();
    polls().Detach([this] { Delete(); });
  }

  void KeepAlive(bool on) override {
    Readiness::KeepAlive(on);
    polls().KeepAlive(on);
  }

 private:
  Polls& polls() { return static_cast<Polls&>(set()); }

  static void OnEnd(napi_async_cleanup_hook_handle, void* readiness) {
    static_cast<LoopReadiness*>(readiness)->Close();
  }

  void Delete() {
    const napi_async_cleanup_hook_handle hook = hook_;
    delete this;
    if (hook) napi_remove_async_cleanup_hook(hook);
  }

  bool attached_ = false;
  bool closing_ = false;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

}  // namespace

void Rearm(Environment& environment, Descriptor fd, Ready events) {
  for (const auto& [number, readiness] : environment.readiness) {
    static_cast<Polls&>(readiness->set()).Want(fd, events);
  }
}

Readiness* MakeLoopReadiness(Environment& environment, ReadyListener listener, ReadyMemory memory) {
  if (!Libuv::Get().complete) return nullptr;
  return new LoopReadiness(environment, listener, memory);
}

// Of those that need no libuv, Windows has none yet.
Readiness* MakeThreadReadiness(Environment&, ReadyListener, ReadyMemory) { return nullptr; }

}  // namespace bsd_sockets
