#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "posix/system.h"
#include "readiness.h"

namespace bsd_sockets {

namespace {

// The thread waits until there is something to take, has JavaScript called, and does not look again
// before that was taken and the turn of the event loop is over.
class ThreadReadiness : public Readiness {
 public:
  using Readiness::Readiness;

  int Open() override {
    if (const int error = Readiness::Open(); error < 0) return error;
    if (OpenPipe(pipe_) < 0) return -errno;
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
    if (running_) {
      Tell(kStop);
      JoinThread(thread_);
    }
    if (hooked_) napi_remove_env_cleanup_hook(environment_.env(), OnEnd, this);
    // A call that is on its way may still come.
    link_->readiness = nullptr;
    if (function_) {
      napi_release_threadsafe_function(function_, napi_tsfn_abort);
    } else {
      delete link_;
    }
    for (int fd : pipe_) {
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

  void Acknowledge() override { Tell(kTaken); }

 private:
  // What a call of the function has, whenever it comes.
  struct Link {
    ThreadReadiness* readiness;
  };

  // What the thread is told.
  static constexpr char kTaken = 't';
  static constexpr char kStop = 's';

  int Start() {
    // Signals are for the threads that wait for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    MaskSignals(&all, &before);
    const int error = StartThread(&thread_, Run, this);
    MaskSignals(&before, nullptr);
    running_ = error == 0;
    return -error;
  }

  static void* Run(void* readiness) {
    static_cast<ThreadReadiness*>(readiness)->Watch();
    return nullptr;
  }

  void Watch() {
    for (;;) {
      pollfd entries[] = {{set().fd(), POLLIN, 0}, {pipe_[0], POLLIN, 0}};
      if (poll(entries, 2, -1) < 0) continue;
      if (entries[1].revents ||
          napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) != napi_ok) {
        return;
      }
      char told = kStop;
      while (read(pipe_[0], &told, 1) < 0 && errno == EINTR) {
      }
      if (told == kStop) return;
    }
  }

  void Tell(char what) {
    while (write(pipe_[1], &what, 1) < 0 && errno == EINTR) {
    }
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
    // Where JavaScript was called it tells the end of the turn, by Acknowledge(): Node would go on
    // with calls as long as there is one, and timers would never have their turn.
    if (Deliver() == 0) Tell(kTaken);
  }

  static void OnReleased(napi_env, void* link, void*) { delete static_cast<Link*>(link); }

  static void OnEnd(void* context) {
    auto* readiness = static_cast<ThreadReadiness*>(context);
    readiness->hooked_ = false;
    readiness->Close();
  }

  Link* link_ = new Link{this};
  napi_threadsafe_function function_ = nullptr;
  // The thread reads the first end.
  int pipe_[2] = {-1, -1};
  bool hooked_ = false;
  pthread_t thread_ = {};
  bool running_ = false;
};

}  // namespace

Readiness* MakeThreadReadiness(Environment& environment, ReadyListener listener,
                               ReadyMemory memory) {
  return new ThreadReadiness(environment, listener, memory);
}

}  // namespace bsd_sockets
