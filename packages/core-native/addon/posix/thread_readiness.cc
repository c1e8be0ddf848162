#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "posix/system.h"
#include "readiness.h"

namespace bsd_sockets {

namespace {

// The thread waits until there is something to take, has JavaScript called, and does not look again
// before that was taken.
class ThreadReadiness : public Readiness {
 public:
  using Readiness::Readiness;

  int Open() override {
    if (const int error = Readiness::Open(); error < 0) return error;
    if (OpenPipe(stop_) < 0) return -errno;
    const napi_env env = environment_.env();
    napi_value name;
    if (napi_create_string_utf8(env, "bsd-sockets.readiness", NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, link_, OnReleased, link_,
                                        OnReady, &function_) != napi_ok) {
      return -ENOMEM;
    }
    napi_unref_threadsafe_function(env, function_);
    napi_add_env_cleanup_hook(env, OnEnd, this);
    hooked_ = true;
    return Start();
  }

  void Close() override {
    if (thread_.joinable()) {
      Stop();
      thread_.join();
    }
    if (hooked_) napi_remove_env_cleanup_hook(environment_.env(), OnEnd, this);
    // A call that is on its way may still come.
    link_->readiness = nullptr;
    if (function_) {
      napi_release_threadsafe_function(function_, napi_tsfn_abort);
    } else {
      delete link_;
    }
    for (int fd : stop_) {
      if (fd >= 0) CloseDescriptor(fd);
    }
    delete this;
  }

  void KeepAlive(bool on) override {
    Readiness::KeepAlive(on);
    if (on) {
      napi_ref_threadsafe_function(environment_.env(), function_);
    } else {
      napi_unref_threadsafe_function(environment_.env(), function_);
    }
  }

 private:
  // What a call of the function has, whenever it comes.
  struct Link {
    ThreadReadiness* readiness;
  };

  int Start() {
    // Signals are for the threads that wait for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = 0;
    try {
      thread_ = std::thread([this] { Run(); });
    } catch (const std::system_error& failure) {
      error = -failure.code().value();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return error;
  }

  void Run() {
    for (;;) {
      pollfd entries[] = {{set().fd(), POLLIN, 0}, {stop_[0], POLLIN, 0}};
      if (poll(entries, 2, -1) < 0) continue;
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      taken_ = false;
      if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) != napi_ok) {
        return;
      }
      changed_.wait(lock, [this] { return taken_ || stopping_; });
      if (stopping_) return;
    }
  }

  void Stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
    [[maybe_unused]] const ssize_t written = write(stop_[1], "", 1);
  }

  // The engine has made it a callback of the loop's already.
  void Call(napi_value listener) override {
    napi_value undefined;
    if (napi_get_undefined(environment_.env(), &undefined) == napi_ok) {
      napi_call_function(environment_.env(), undefined, listener, 0, nullptr, nullptr);
    }
  }

  static void OnReady(napi_env env, napi_value, void* context, void*) {
    ThreadReadiness* readiness = static_cast<Link*>(context)->readiness;
    // The environment may be at its end.
    if (env && readiness) readiness->Wake();
  }

  void Wake() {
    Deliver();
    LetGo();
    const std::lock_guard lock(mutex_);
    taken_ = true;
    changed_.notify_one();
  }

  static void OnReleased(napi_env, void* link, void*) { delete static_cast<Link*>(link); }

  static void OnEnd(void* context) {
    auto* readiness = static_cast<ThreadReadiness*>(context);
    readiness->hooked_ = false;
    readiness->Close();
  }

  Link* link_ = new Link{this};
  napi_threadsafe_function function_ = nullptr;
  // What ends the thread's wait becomes readable in the first.
  int stop_[2] = {-1, -1};
  bool hooked_ = false;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool taken_ = false;
  bool stopping_ = false;
};

}  // namespace

Readiness* MakeThreadReadiness(Environment& environment, ReadyListener listener,
                               ReadyMemory memory) {
  return new ThreadReadiness(environment, listener, memory);
}

}  // namespace bsd_sockets
