#include "environment.h"

#include "platform.h"

namespace bsd_sockets {

Environment::Environment(napi_env env)
    : env_(env), block_(std::make_shared<CallBlock>()), interruptible_(!OnMainThread()) {}

Environment::~Environment() {
  for (int fd : owned_) CloseDescriptor(fd);
  if (pool_buffer_) napi_delete_reference(env_, pool_buffer_);
}

napi_value Environment::BlockBuffer() {
  napi_value buffer = nullptr;
  auto* held = new std::shared_ptr<CallBlock>(block_);
  auto release = [](napi_env, void*, void* hint) {
    delete static_cast<std::shared_ptr<CallBlock>*>(hint);
  };
  if (napi_create_external_arraybuffer(env_, block_.get(), sizeof(CallBlock), release, held,
                                       &buffer) != napi_ok) {
    delete held;
    return nullptr;
  }
  return buffer;
}

bool Environment::RegisterPool(napi_value array) {
  napi_typedarray_type type;
  Bytes pool;
  void* data;
  napi_value buffer;
  napi_ref reference;
  if (napi_get_typedarray_info(env_, array, &type, &pool.length, &data, &buffer, nullptr) !=
          napi_ok ||
      type != napi_uint8_array || napi_create_reference(env_, buffer, 1, &reference) != napi_ok) {
    return false;
  }
  if (pool_buffer_) napi_delete_reference(env_, pool_buffer_);
  pool_buffer_ = reference;
  pool.data = static_cast<uint8_t*>(data);
  pool_ = pool;
  return true;
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
