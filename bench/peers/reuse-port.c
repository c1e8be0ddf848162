// An echo server of so many threads, each with an epoll set and a listener of its own at one port
// (SO_REUSEPORT), which writes its port to its standard output. Usage: reuse-port THREADS.
#include "echo.h"

enum { BACKLOG = 4096 };

static struct sockaddr_in address;

static int listen_too(void) {
  static const int kOn = 1;
  socklen_t length = sizeof(address);
  const int fd = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("setsockopt", setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &kOn, sizeof(kOn)));
  must("bind", bind(fd, (struct sockaddr*)&address, length));
  must("listen", listen(fd, BACKLOG));
  must("getsockname", getsockname(fd, (struct sockaddr*)&address, &length));
  return fd;
}

static void* serve_one(void* argument) {
  serve_echo((long)argument);
  return NULL;
}

int main(int count, char** arguments) {
  address = loopback(0);
  pthread_t thread;
  for (long threads = count > 1 ? atol(arguments[1]) : 1; threads > 0; threads--) {
    const long listener = listen_too();
    if (pthread_create(&thread, NULL, serve_one, (void*)listener) != 0) return 1;
  }
  printf("%u\n", ntohs(address.sin_port));
  fflush(stdout);
  pause();
}
