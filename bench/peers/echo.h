#pragma once

#include <sys/epoll.h>

#include "server.h"

enum { EVENTS = 512, BUFFER = 4096 };

static inline void watch(int epoll, int fd, void* what) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
  must("epoll_ctl", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

// An echo server on epoll.
static inline void serve_echo(int listener) {
  char buffer[BUFFER];
  struct epoll_event events[EVENTS];
  const int epoll = must("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
  watch(epoll, listener, (void*)(long)listener);
  for (;;) {
    const int ready = must("epoll_wait", epoll_wait(epoll, events, EVENTS, -1));
    for (int index = 0; index < ready; index++) {
      const int fd = (long)events[index].data.ptr;
      if (fd == listener) {
        const long connection = must("accept", accept(listener, NULL, NULL));
        watch(epoll, connection, (void*)connection);
        continue;
      }
      const ssize_t received = recv(fd, buffer, BUFFER, 0);
      if (received > 0) {
        send_all(fd, buffer, received);
      } else {
        close(fd);
      }
    }
  }
}
