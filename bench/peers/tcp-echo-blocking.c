// Round trips of 64 bytes over TCP loopback, to an echo server in a process of its own.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "rounds.h"

static const int kOn = 1;

static int client;
static char data[64];
static char buffer[64];

static void echo(int connection) {
  start_idle_thread();
  for (;;) {
    const size_t received = must("recv", recv(connection, buffer, sizeof(buffer), 0));
    if (received == 0) exit(0);
    send_all(connection, buffer, received);
  }
}

static void work(long count) {
  while (count-- > 0) {
    send_all(client, data, sizeof(data));
    if (receive_all(client, buffer, sizeof(buffer)) < sizeof(buffer)) abort();
  }
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof(address);
  const int listener = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("bind", bind(listener, (struct sockaddr*)&address, length));
  must("listen", listen(listener, 1));
  must("getsockname", getsockname(listener, (struct sockaddr*)&address, &length));
  client = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("connect", connect(client, (struct sockaddr*)&address, length));
  const int connection = must("accept", accept(listener, NULL, NULL));
  must("setsockopt", setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn)));
  must("setsockopt", setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn)));
  close(listener);
  if (must("fork", fork()) == 0) {
    close(client);
    echo(connection);
  }
  close(connection);
  start_idle_thread();
  serve(work);
  close(client);
  wait(NULL);
  return 0;
}
