#pragma once

#include <cstddef>

#include "win32/winsock.h"

// The part of libuv that is used here, of the program that has loaded this: node.exe, by whatever
// name. A program without libuv leaves the names null.

struct uv_loop_s;
struct uv_handle_s;

namespace bsd_sockets {

struct Libuv {
  using Done = void (*)(uv_handle_s* handle);

  int (*async_init)(uv_loop_s* loop, uv_handle_s* handle, Done come);
  int (*async_send)(uv_handle_s* handle);
  int (*check_init)(uv_loop_s* loop, uv_handle_s* handle);
  int (*check_start)(uv_handle_s* handle, Done come);
  void (*close)(uv_handle_s* handle, Done done);
  HANDLE (*get_osfhandle)(int file);
  void* (*handle_get_data)(const uv_handle_s* handle);
  void (*handle_set_data)(uv_handle_s* handle, void* data);
  size_t (*handle_size)(int type);
  int (*poll_init_socket)(uv_loop_s* loop, uv_handle_s* handle, SOCKET socket);
  int (*poll_start)(uv_handle_s* handle, int events,
                    void (*ready)(uv_handle_s* handle, int status, int events));
  int (*poll_stop)(uv_handle_s* handle);
  int (*prepare_init)(uv_loop_s* loop, uv_handle_s* handle);
  int (*prepare_start)(uv_handle_s* handle, Done come);
  void (*ref)(uv_handle_s* handle);
  void (*unref)(uv_handle_s* handle);

  // Whether all of them are there.
  bool complete;

  static const Libuv& Get();
};

// Members of uv_handle_type and uv_poll_event.
constexpr int kAsyncHandle = 1;
constexpr int kCheckHandle = 2;
constexpr int kPollHandle = 8;
constexpr int kPrepareHandle = 9;
constexpr int kPollReadable = 1;
constexpr int kPollWritable = 2;

}  // namespace bsd_sockets
