#include "lookup.h"

#include <cerrno>
#include <cstdint>

namespace bsd_sockets {

// What a lookup in the thread pool has with it. It lives until its work is complete, which an
// ending environment waits for.
class PendingLookup {
 public:
  PendingLookup(Environment& environment, std::unique_ptr<Lookup> lookup, int32_t number)
      : environment_(environment), lookup_(std::move(lookup)), number_(number) {
    environment_.lookups().emplace(number_, this);
  }

  ~PendingLookup() {
    environment_.lookups().erase(number_);
    if (done_) napi_delete_reference(environment_.env(), done_);
    if (work_) napi_delete_async_work(environment_.env(), work_);
  }

  bool Queue(Callback done) {
    const napi_env env = environment_.env();
    napi_value name;
    return napi_create_reference(env, done.function, 1, &done_) == napi_ok &&
           napi_create_string_utf8(env, "bsd-sockets.lookup", NAPI_AUTO_LENGTH, &name) == napi_ok &&
           napi_create_async_work(env, nullptr, name, Execute, Complete, this, &work_) == napi_ok &&
           napi_queue_async_work(env, work_) == napi_ok;
  }

  bool Cancel() { return napi_cancel_async_work(environment_.env(), work_) == napi_ok; }

 private:
  static void Execute(napi_env, void* data) { static_cast<PendingLookup*>(data)->lookup_->Find(); }

  static void Complete(napi_env env, napi_status status, void* data) {
    const std::unique_ptr<PendingLookup> self(static_cast<PendingLookup*>(data));
    // An environment that ends can make no values.
    if (self->environment_.Stopping()) return;
    napi_value done;
    napi_value undefined;
    if (napi_get_reference_value(env, self->done_, &done) != napi_ok ||
        napi_get_undefined(env, &undefined) != napi_ok) {
      return;
    }
    napi_value answer =
        status == napi_cancelled ? undefined : self->lookup_->Answer(self->environment_);
    napi_call_function(env, undefined, done, 1, &answer, nullptr);
  }

  Environment& environment_;
  std::unique_ptr<Lookup> lookup_;
  int32_t number_;
  napi_ref done_ = nullptr;
  napi_async_work work_ = nullptr;
};

bool Read(napi_env env, napi_value value, Callback* out) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok) return false;
  if (type == napi_function) out->function = value;
  return type == napi_function || type == napi_null || type == napi_undefined;
}

napi_value StartLookup(Environment& environment, std::unique_ptr<Lookup> lookup, Callback done) {
  const int32_t number = environment.NextLookup();
  auto pending = std::make_unique<PendingLookup>(environment, std::move(lookup), number);
  if (!pending->Queue(done)) {
    napi_throw_error(environment.env(), nullptr, "core-native: the thread pool takes no lookup");
    return nullptr;
  }
  // Complete() deletes it.
  pending.release();
  return Write(environment, int64_t{number});
}

int64_t CancelLookup(Environment& environment, int number) {
  const auto found = environment.lookups().find(number);
  if (found == environment.lookups().end()) return -ENOENT;
  return found->second->Cancel() ? 0 : -EBUSY;
}

}  // namespace bsd_sockets
