// Sends 64 KiB at a time over TCP loopback to a process of its own, which receives them.
#include "server.h"

enum { kSize = 64 * 1024 };

static int sender;
static char data[kSize];
static char buffer[kSize];

// The last byte of a round is 1: it is answered with a byte.
static void sink(int listener) {
  const int connection = must("accept", accept(listener, NULL, NULL));
  for (;;) {
    const long received = must("recv", recv(connection, buffer, kSize, 0));
    if (received == 0) exit(0);
    if (buffer[received - 1] == 1) send_all(connection, buffer, 1);
  }
}

static void work(long count) {
  while (count-- > 0) {
    data[kSize - 1] = count == 0;
    send_all(sender, data, kSize);
  }
  if (receive_all(sender, data, 1) < 1) abort();
  data[0] = 0;
}

int main(void) {
  char* own[] = {NULL};
  const struct sockaddr_in address = start_server(own, SOCK_STREAM, sink);
  measured = 0;
  sender = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("connect", connect(sender, (struct sockaddr*)&address, sizeof(address)));
  start_idle_thread();
  serve(work);
  close(sender);
  wait(NULL);
  return 0;
}
