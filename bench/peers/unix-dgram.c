// Datagrams of 64 bytes to a process of its own, which sends them back; 8 are under way.
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "rounds.h"

enum { kSize = 64, kWindow = 8 };

static int client;
static char data[kSize];

static int bind_to_any_name(struct sockaddr_un* address, socklen_t* length) {
  const int fd = must("socket", socket(AF_UNIX, SOCK_DGRAM, 0));
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  must("bind", bind(fd, (struct sockaddr*)address, sizeof(address->sun_family)));
  *length = sizeof(*address);
  must("getsockname", getsockname(fd, (struct sockaddr*)address, length));
  return fd;
}

static void echo(int fd) {
  start_idle_thread();
  for (;;) {
    struct sockaddr_un sender;
    socklen_t length = sizeof(sender);
    const long received =
        must("recvfrom", recvfrom(fd, data, kSize, 0, (struct sockaddr*)&sender, &length));
    if (received == 0) exit(0);
    must("sendto", sendto(fd, data, received, 0, (struct sockaddr*)&sender, length));
  }
}

static void work(long count) {
  long unsent = count;
  for (long missing = count + kWindow; missing > 0; missing--) {
    if (missing <= count) must("recv", recv(client, data, kSize, 0));
    if (unsent-- > 0) must("send", send(client, data, kSize, 0));
  }
}

int main(void) {
  struct sockaddr_un address;
  socklen_t length;
  const int server = bind_to_any_name(&address, &length);
  if (must("fork", fork()) == 0) echo(server);
  struct sockaddr_un own;
  socklen_t own_length;
  client = bind_to_any_name(&own, &own_length);
  must("connect", connect(client, (struct sockaddr*)&address, length));
  start_idle_thread();
  serve(work);
  must("send", send(client, data, 0, 0));
  wait(NULL);
  return 0;
}
