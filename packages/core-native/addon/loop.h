#pragma once

#include <cstddef>

// The part of libuv that is used here. Node's own uv.h is not among the headers that every build
// has, so these are declared by hand: their binary interface is the same in all of libuv 1.x, and
// the handle's memory is as large as the running libuv says. A runtime without libuv leaves the
// names null.

extern "C" {

struct uv_loop_s;
struct uv_handle_s;

#define BSD_SOCKETS_LOOP __attribute__((weak, visibility("default")))

BSD_SOCKETS_LOOP int uv_backend_fd(const uv_loop_s* loop);
BSD_SOCKETS_LOOP void uv_close(uv_handle_s* handle, void (*done)(uv_handle_s* handle));
BSD_SOCKETS_LOOP void* uv_handle_get_data(const uv_handle_s* handle);
BSD_SOCKETS_LOOP void uv_handle_set_data(uv_handle_s* handle, void* data);
BSD_SOCKETS_LOOP size_t uv_handle_size(int type);
BSD_SOCKETS_LOOP int uv_loop_close(uv_loop_s* loop);
BSD_SOCKETS_LOOP int uv_loop_init(uv_loop_s* loop);
BSD_SOCKETS_LOOP size_t uv_loop_size();
BSD_SOCKETS_LOOP int uv_poll_init(uv_loop_s* loop, uv_handle_s* handle, int fd);
BSD_SOCKETS_LOOP int uv_poll_start(uv_handle_s* handle, int events,
                                   void (*ready)(uv_handle_s* handle, int status, int events));
BSD_SOCKETS_LOOP void uv_ref(uv_handle_s* handle);
BSD_SOCKETS_LOOP int uv_run(uv_loop_s* loop, int mode);
BSD_SOCKETS_LOOP int uv_signal_init(uv_loop_s* loop, uv_handle_s* handle);
BSD_SOCKETS_LOOP int uv_signal_start(uv_handle_s* handle,
                                     void (*come)(uv_handle_s* handle, int signum), int signum);
BSD_SOCKETS_LOOP int uv_signal_stop(uv_handle_s* handle);
BSD_SOCKETS_LOOP void uv_unref(uv_handle_s* handle);

#undef BSD_SOCKETS_LOOP
}

namespace bsd_sockets {

// Members of uv_handle_type, uv_poll_event and uv_run_mode.
constexpr int kPollHandle = 8;
constexpr int kSignalHandle = 16;
constexpr int kPollReadable = 1;
constexpr int kRunUntilDone = 0;
constexpr int kRunWithoutWait = 2;

}  // namespace bsd_sockets
