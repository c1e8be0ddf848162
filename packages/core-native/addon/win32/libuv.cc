#include "win32/libuv.h"

namespace bsd_sockets {

namespace {

template <typename Function>
bool Find(const char* name, Function* function) {
  // By way of a pointer to data: compilers warn of a conversion between functions.
  void* const found = reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(nullptr), name));
  *function = reinterpret_cast<Function>(found);
  return found != nullptr;
}

Libuv FindAll() {
  Libuv uv = {};
  uv.complete = true;
  const auto find = [&](const char* name, auto* function) {
    if (!Find(name, function)) uv.complete = false;
  };
  find("uv_async_init", &uv.async_init);
  find("uv_async_send", &uv.async_send);
  find("uv_check_init", &uv.check_init);
  find("uv_check_start", &uv.check_start);
  find("uv_close", &uv.close);
  find("uv_get_osfhandle", &uv.get_osfhandle);
  find("uv_handle_get_data", &uv.handle_get_data);
  find("uv_handle_set_data", &uv.handle_set_data);
  find("uv_handle_size", &uv.handle_size);
  find("uv_poll_init_socket", &uv.poll_init_socket);
  find("uv_poll_start", &uv.poll_start);
  find("uv_poll_stop", &uv.poll_stop);
  find("uv_prepare_init", &uv.prepare_init);
  find("uv_prepare_start", &uv.prepare_start);
  find("uv_ref", &uv.ref);
  find("uv_unref", &uv.unref);
  return uv;
}

}  // namespace

const Libuv& Libuv::Get() {
  static const Libuv uv = FindAll();
  return uv;
}

}  // namespace bsd_sockets
