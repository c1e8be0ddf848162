// getaddrinfo HOST: looks up a host.
#include <netdb.h>
#include <sys/socket.h>

#include "rounds.h"

static const char* host;

static void work(long count) {
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  struct addrinfo* found;
  while (count-- > 0) {
    if (getaddrinfo(host, "80", &hints, &found) != 0) abort();
    freeaddrinfo(found);
  }
}

int main(int count, char** arguments) {
  host = count > 1 ? arguments[1] : "127.0.0.1";
  start_idle_thread();
  serve(work);
  return 0;
}
