// An echo server on epoll for bench/growth.mjs: see growth-server.mjs.
#include <string.h>
#include <sys/epoll.h>

#include "server.h"

enum { EVENTS = 512, BUFFER = 65536 };

static int loop;

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  must("epoll_ctl", epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event));
}

static long resident(void) {
  long total = 0, pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%ld %ld", &total, &pages) != 2) abort();
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

int main(void) {
  static char buffer[BUFFER];
  struct epoll_event events[EVENTS];
  struct sockaddr_in address;
  long open = 0, awaited = -1;
  const int listener = bind_to_loopback(SOCK_STREAM, &address);
  must("listen", listen(listener, 4096));
  loop = must("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
  watch(listener);
  watch(STDIN_FILENO);
  printf("%u\n", ntohs(address.sin_port));
  for (;;) {
    fflush(stdout);
    const int ready = must("epoll_wait", epoll_wait(loop, events, EVENTS, -1));
    for (int index = 0; index < ready; index++) {
      const int fd = events[index].data.fd;
      if (fd == listener) {
        watch(must("accept", accept(listener, NULL, NULL)));
        open++;
      } else if (fd == STDIN_FILENO) {
        // Nobody sends a second line before the first was answered.
        const long length = must("read", read(fd, buffer, BUFFER - 1));
        if (length == 0) return 0;
        buffer[length] = 0;
        if (sscanf(buffer, "count %ld", &awaited) != 1) printf("%ld 0\n", resident());
      } else {
        const ssize_t received = recv(fd, buffer, BUFFER, 0);
        if (received > 0) {
          send_all(fd, buffer, received);
        } else {
          close(fd);
          open--;
        }
      }
    }
    if (open != awaited) continue;
    printf("%ld\n", open);
    awaited = -1;
  }
}
