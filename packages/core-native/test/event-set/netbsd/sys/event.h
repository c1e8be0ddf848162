// <sys/event.h> of a NetBSD kernel inside of this process: see ../netbsd.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

struct kevent {
  uintptr_t ident;
  uint32_t filter;
  uint32_t flags;
  uint32_t fflags;
  int64_t data;
  intptr_t udata;
};

enum : uint32_t {
  EVFILT_READ = 0,
  EVFILT_WRITE = 1,
  EV_ADD = 0x0001,
  EV_DELETE = 0x0002,
  EV_CLEAR = 0x0020,
  EV_RECEIPT = 0x0040,
  EV_EOF = 0x8000,
};

extern "C" {
int rump___sysimpl_kqueue();
int rump___sysimpl_kevent50(int kqueue, const struct kevent* changes, size_t change_count,
                            struct kevent* events, size_t event_count, const timespec* limit);
}

inline int kqueue() { return rump___sysimpl_kqueue(); }

inline int kevent(int kqueue, const struct kevent* changes, int change_count, struct kevent* events,
                  int event_count, const timespec* limit) {
  return rump___sysimpl_kevent50(kqueue, changes, static_cast<size_t>(change_count), events,
                                 static_cast<size_t>(event_count), limit);
}
