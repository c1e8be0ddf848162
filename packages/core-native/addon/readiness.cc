#include "readiness.h"

#include <algorithm>
#include <cerrno>

#include "integral.h"

namespace bsd_sockets {

namespace {

Readiness* Find(Environment& environment, int number) {
  const auto found = environment.readiness.find(number);
  return found == environment.readiness.end() ? nullptr : found->second;
}

}  // namespace

Readiness::Readiness(Environment& environment, ReadyListener listener, ReadyMemory memory)
    : environment_(environment), number_(environment.NextReadiness()), block_(memory.block) {
  napi_create_reference(environment.env(), listener.function, 0, &listener_);
  napi_create_reference(environment.env(), memory.array, 0, &array_);
  environment.readiness.emplace(number_, this);
}

Readiness::~Readiness() {
  environment_.readiness.erase(number_);
  for (napi_ref reference : {listener_, array_}) {
    if (reference) napi_delete_reference(environment_.env(), reference);
  }
}

int Readiness::Open() { return listener_ && array_ ? set_->Open() : -ENOMEM; }

void Readiness::KeepAlive(bool on) { block_->referenced = on; }

int Readiness::SetBusyPoll(int64_t) { return -ENOSYS; }

int Readiness::Deliver() {
  const napi_env env = environment_.env();
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return 0;
  napi_value array = nullptr;
  napi_value listener = nullptr;
  int count = 0;
  // Once its evaluation is forgotten there is no block to write to.
  if (napi_get_reference_value(env, array_, &array) == napi_ok && array &&
      napi_get_reference_value(env, listener_, &listener) == napi_ok && listener) {
    count = std::max(set_->Take(block_->events, kMostEvents), 0);
    block_->count = count;
    if (count > 0) Call(listener);
    if (block_->waiting == 0 && block_->referenced) KeepAlive(false);
  }
  napi_close_handle_scope(env, scope);
  return count;
}

void Readiness::Call(napi_value listener) {
  const napi_env env = environment_.env();
  napi_value global;
  if (napi_get_global(env, &global) == napi_ok &&
      // Promises that were settled meanwhile go on when it returns.
      napi_make_callback(env, nullptr, global, listener, 0, nullptr, nullptr) ==
          napi_pending_exception) {
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
}

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

int64_t OpenReadiness(Environment& environment, ReadyListener listener, ReadyMemory memory,
                      int by_thread) {
  Readiness* readiness = by_thread ? MakeThreadReadiness(environment, listener, memory)
                                   : MakeLoopReadiness(environment, listener, memory);
  if (!readiness) return -ENOSYS;
  if (const int error = readiness->Open(); error < 0) {
    readiness->Close();
    return error;
  }
  return readiness->number();
}

int64_t AcknowledgeReadiness(Environment& environment, int number) {
  Readiness* readiness = Find(environment, number);
  if (!readiness) return -EINVAL;
  readiness->Acknowledge();
  return 0;
}

int64_t CloseReadiness(Environment& environment, int number) {
  Readiness* readiness = Find(environment, number);
  if (!readiness) return -EINVAL;
  readiness->Close();
  return 0;
}

int64_t Watch(Environment& environment, int number, Descriptor fd, int generation) {
  Readiness* readiness = Find(environment, number);
  return readiness ? readiness->set().Add(fd, generation) : -EINVAL;
}

int64_t Unwatch(Environment& environment, int number, Descriptor fd) {
  Readiness* readiness = Find(environment, number);
  return readiness ? readiness->set().Remove(fd) : -EINVAL;
}

int64_t KeepAlive(Environment& environment, int number, int on) {
  Readiness* readiness = Find(environment, number);
  if (!readiness) return -EINVAL;
  readiness->KeepAlive(on);
  return 0;
}

int64_t SetBusyPoll(Environment& environment, int number, double seconds) {
  Readiness* readiness = Find(environment, number);
  if (!readiness) return -EINVAL;
  return readiness->SetBusyPoll(
      std::clamp<int64_t>(Integral<int64_t>(seconds * kSecond), 0, kSecond));
}

}  // namespace bsd_sockets
