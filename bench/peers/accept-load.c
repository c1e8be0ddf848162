// Connects to a server that closes each connection which it accepts. Usage: accept-load [PROGRAM
// ARGUMENT...]. The program is a server that writes its port to its standard output; without one, a
// loop of accept and close in C.
#include "server.h"

// So many connections are open at once at most.
enum { kBatch = 32 };
// They are reset in the end, so that no port is kept for them.
static const struct linger kReset = {.l_onoff = 1, .l_linger = 0};

static struct sockaddr_in address;

static void accept_and_close(int listener) {
  for (;;) close(must("accept", accept(listener, NULL, NULL)));
}

static void work(long count) {
  int batch[kBatch];
  char nothing;
  for (; count > 0; count -= kBatch) {
    const int size = count < kBatch ? count : kBatch;
    for (int index = 0; index < size; index++) {
      batch[index] = must("socket", socket(AF_INET, SOCK_STREAM, 0));
      must("connect", connect(batch[index], (struct sockaddr*)&address, sizeof(address)));
    }
    for (int index = 0; index < size; index++) {
      must("recv", recv(batch[index], &nothing, 1, 0));
      must("setsockopt", setsockopt(batch[index], SOL_SOCKET, SO_LINGER, &kReset, sizeof(kReset)));
      close(batch[index]);
    }
  }
}

int main(int count, char** arguments) {
  (void)count;
  address = start_server(arguments + 1, SOCK_STREAM, accept_and_close);
  serve(work);
  stop_server();
  return 0;
}
