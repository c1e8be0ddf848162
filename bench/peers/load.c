// A closed loop over many connections to a server: each sends a message and waits for the answer
// before it sends again. Usage: load echo|http|udp CONNECTIONS [PROGRAM ARGUMENT...]. The messages
// are 64 bytes over TCP, an HTTP request, or a datagram of 64 bytes; an answer ends with a byte
// that is 0. The program is a server that writes its port to its standard output; without one, an
// echo server in C.
#include <netinet/tcp.h>
#include <string.h>

#include "echo.h"

enum { SIZE = 64 };

struct connection {
  int fd;
  long missing;  // round trips to go
};

static const int kOn = 1;
static struct connection* connections;
static long connection_count;
static int loop;

static char echoed[SIZE];
static const char kRequest[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char* message = echoed;
static size_t message_size = SIZE;

static void serve_echo_udp(int fd) {
  char buffer[BUFFER];
  for (;;) {
    struct sockaddr_storage sender;
    socklen_t length = sizeof(sender);
    const long received =
        must("recvfrom", recvfrom(fd, buffer, BUFFER, 0, (struct sockaddr*)&sender, &length));
    must("sendto", sendto(fd, buffer, received, 0, (struct sockaddr*)&sender, length));
  }
}

static void work(long count) {
  struct epoll_event events[EVENTS];
  char buffer[BUFFER];
  for (long index = 0; index < connection_count; index++) {
    connections[index].missing = count;
    send_all(connections[index].fd, message, message_size);
  }
  for (long busy = connection_count; busy > 0;) {
    const int ready = must("epoll_wait", epoll_wait(loop, events, EVENTS, -1));
    for (int index = 0; index < ready; index++) {
      struct connection* connection = events[index].data.ptr;
      const long received = must("recv", recv(connection->fd, buffer, BUFFER, 0));
      if (received == 0) {
        fputs("the server has closed a connection\n", stderr);
        exit(1);
      }
      if (buffer[received - 1] != 0) continue;
      if (--connection->missing > 0) {
        send_all(connection->fd, message, message_size);
      } else {
        busy--;
      }
    }
  }
}

int main(int count, char** arguments) {
  connection_count = count > 2 ? atol(arguments[2]) : 0;
  if (connection_count < 1) {
    fputs("usage: load echo|http|udp CONNECTIONS [PROGRAM ARGUMENT...]\n", stderr);
    return 2;
  }
  const int udp = strcmp(arguments[1], "udp") == 0;
  const int type = udp ? SOCK_DGRAM : SOCK_STREAM;
  if (strcmp(arguments[1], "http") == 0) {
    message = kRequest;
    message_size = strlen(kRequest);
  } else {
    memset(echoed, 'x', SIZE - 1);
  }
  allow_descriptors(connection_count + 100);
  connections = calloc(connection_count, sizeof(*connections));
  if (!connections) abort();
  const struct sockaddr_in address =
      start_server(arguments + 3, type, udp ? serve_echo_udp : serve_echo);
  loop = must("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
  for (long index = 0; index < connection_count; index++) {
    const int fd = must("socket", socket(AF_INET, type | SOCK_CLOEXEC, 0));
    must("connect", connect(fd, (const struct sockaddr*)&address, sizeof(address)));
    if (!udp) must("setsockopt", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn)));
    connections[index].fd = fd;
    watch(loop, fd, &connections[index]);
  }
  serve(work);
  stop_server();
  return 0;
}
