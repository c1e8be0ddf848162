// A closed loop over many TCP connections to an echo server: each sends 64 bytes and waits for them
// before it sends again. Usage: tcp-echo-load CONNECTIONS [PROGRAM ARGUMENT...]. The program is a
// server that writes its port to its standard output; without one, the server is an epoll loop in
// C.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "rounds.h"

enum { SIZE = 64, EVENTS = 512, BUFFER = 4096 };

struct connection {
  int fd;
  long missing;    // round trips to go
  size_t arrived;  // bytes of the present one
};

static const int kOn = 1;
static struct connection* connections;
static long connection_count;
static int loop;
static char data[SIZE];

static int listen_on_loopback(struct sockaddr_in* address) {
  socklen_t length = sizeof(*address);
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int listener = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("bind", bind(listener, (struct sockaddr*)address, length));
  must("listen", listen(listener, SOMAXCONN));
  must("getsockname", getsockname(listener, (struct sockaddr*)address, &length));
  return listener;
}

static void watch(int epoll, int fd, void* what) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
  must("epoll_ctl", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

// Runs until its parent closes the connections.
static void serve_echo(int listener, long count) {
  char buffer[BUFFER];
  struct epoll_event events[EVENTS];
  const int epoll = must("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
  start_idle_thread();
  for (long number = 0; number < count; number++) {
    const long fd = must("accept", accept(listener, NULL, NULL));
    watch(epoll, fd, (void*)fd);
  }
  while (count > 0) {
    const int ready = must("epoll_wait", epoll_wait(epoll, events, EVENTS, -1));
    for (int index = 0; index < ready; index++) {
      const int fd = (long)events[index].data.ptr;
      const ssize_t received = recv(fd, buffer, BUFFER, 0);
      if (received > 0) {
        send_all(fd, buffer, received);
      } else {
        close(fd);
        count--;
      }
    }
  }
  exit(0);
}

// Starts a server; returns its address.
static struct sockaddr_in start_server(char** program) {
  struct sockaddr_in address;
  if (*program == NULL) {
    const int listener = listen_on_loopback(&address);
    if (must("fork", fork()) == 0) serve_echo(listener, connection_count);
    close(listener);
    return address;
  }
  int output[2];
  must("pipe", pipe(output));
  if (must("fork", fork()) == 0) {
    must("dup2", dup2(output[1], STDOUT_FILENO));
    must("execvp", execvp(program[0], program));
  }
  close(output[1]);
  unsigned port = 0;
  FILE* stream = fdopen(output[0], "r");
  if (stream == NULL || fscanf(stream, "%u", &port) != 1) exit(127);
  address = (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return address;
}

static void work(long count) {
  struct epoll_event events[EVENTS];
  char buffer[BUFFER];
  for (long index = 0; index < connection_count; index++) {
    connections[index].missing = count;
    send_all(connections[index].fd, data, SIZE);
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
      connection->arrived += received;
      if (connection->arrived < SIZE) continue;
      connection->arrived = 0;
      if (--connection->missing > 0) {
        send_all(connection->fd, data, SIZE);
      } else {
        busy--;
      }
    }
  }
}

int main(int count, char** arguments) {
  struct rlimit limit;
  must("getrlimit", getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  must("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
  connection_count = count > 1 ? atol(arguments[1]) : 0;
  if (connection_count < 1) {
    fputs("usage: tcp-echo-load CONNECTIONS [PROGRAM ARGUMENT...]\n", stderr);
    return 2;
  }
  connections = calloc(connection_count, sizeof(*connections));
  const struct sockaddr_in address = start_server(arguments + 2);
  loop = must("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
  for (long index = 0; index < connection_count; index++) {
    const int fd = must("socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must("connect", connect(fd, (const struct sockaddr*)&address, sizeof(address)));
    must("setsockopt", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn)));
    connections[index].fd = fd;
    watch(loop, fd, &connections[index]);
  }
  serve(work);
  return 0;
}
