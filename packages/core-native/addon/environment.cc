#include "environment.h"

namespace bsd_sockets {

std::atomic<napi_env> Environment::main_env_ = nullptr;
Environment* Environment::main_ = nullptr;

Environment::Environment(napi_env env)
    : env_(env), block_(std::make_shared<CallBlock>()), interruptible_(!OnMainThread()) {
  if (interruptible_) return;
  main_ = this;
  main_env_ = env;
}

Environment::~Environment() {
  if (env_ == main_env_) main_env_ = nullptr;
  for (int fd : owned_) CloseDescriptor(fd);
}

napi_value Environment::BlockBuffer() {
  napi_value buffer = nullptr;
  auto* held = new std::shared_ptr<CallBlock>(block_);
  auto release = [](napi_env, void*, void* hint) {
    delete static_cast<std::shared_ptr<CallBlock>*>(hint);
  };
  if (napi_create_external_arraybuffer(env_, block_.get(), sizeof(CallBlock), release, held,
                                       &buffer) == napi_ok) {
    return buffer;
  }
  delete held;
  // Electron forbids such memory, and a failure of another kind would show here too.
  return EngineBlock();
}

napi_value Environment::EngineBlock() {
  // Shared memory, where there is any, since nobody can take that away.
  const std::string text = "new Uint8Array(new (globalThis.SharedArrayBuffer ?? ArrayBuffer)(" +
                           std::to_string(sizeof(CallBlock)) + "))";
  napi_value script;
  napi_value array;
  napi_value buffer;
  void* data;
  // Held until the environment ends.
  napi_ref reference;
  if (napi_create_string_utf8(env_, text.data(), text.size(), &script) != napi_ok ||
      napi_run_script(env_, script, &array) != napi_ok ||
      napi_get_typedarray_info(env_, array, nullptr, nullptr, &data, &buffer, nullptr) != napi_ok ||
      napi_create_reference(env_, buffer, 1, &reference) != napi_ok) {
    napi_throw_error(env_, nullptr, "core-native: the engine makes no memory for the call block");
    return nullptr;
  }
  block_ = std::shared_ptr<CallBlock>(std::shared_ptr<CallBlock>(), static_cast<CallBlock*>(data));
  return buffer;
}

bool Environment::Stopping() const {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return true;
  napi_value undefined;
  bool equal;
  // Any call that could run JavaScript is refused from the moment on that the parent asks this
  // worker to end.
  const bool stopping = napi_get_undefined(env_, &undefined) != napi_ok ||
                        napi_strict_equals(env_, undefined, undefined, &equal) != napi_ok;
  napi_close_handle_scope(env_, scope);
  return stopping;
}

}  // namespace bsd_sockets
