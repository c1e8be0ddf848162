// pingpong-unix SIZE: sends SIZE bytes into one end of a unix socketpair and receives them at the
// other.
#include <sys/socket.h>

#include "rounds.h"

// The largest message fits in.
static const int kSocketBuffer = 256 * 1024;

static int ends[2];
static size_t size;
static char* data;
static char* buffer;

static void work(long count) {
  while (count-- > 0) {
    send_all(ends[0], data, size);
    if (receive_all(ends[1], buffer, size) < size) abort();
  }
}

int main(int count, char** arguments) {
  size = count > 1 ? strtoul(arguments[1], NULL, 10) : 64;
  data = calloc(size, 1);
  buffer = calloc(size, 1);
  if (!data || !buffer) abort();
  must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  for (int end = 0; end < 2; end++) {
    must("setsockopt", setsockopt(ends[end], SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof(int)));
    must("setsockopt", setsockopt(ends[end], SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof(int)));
  }
  start_idle_thread();
  serve(work);
  return 0;
}
