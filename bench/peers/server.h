#pragma once

#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "rounds.h"

// A peer that is not to be run on this machine ends so.
enum { kLeftOut = 126, kNotFound = 127 };

// Lets this process and its children have so many descriptors.
static inline void allow_descriptors(rlim_t count) {
  struct rlimit limit;
  must("getrlimit", getrlimit(RLIMIT_NOFILE, &limit));
  if (limit.rlim_cur >= count) return;
  limit.rlim_cur = count;
  if (limit.rlim_max < count) limit.rlim_max = count;
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  fprintf(stderr, "this process may not have %lu descriptors\n", (unsigned long)count);
  exit(kLeftOut);
}

static inline int bind_to_loopback(int type, struct sockaddr_in* address) {
  socklen_t length = sizeof(*address);
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int fd = must("socket", socket(AF_INET, type, 0));
  must("bind", bind(fd, (struct sockaddr*)address, length));
  must("getsockname", getsockname(fd, (struct sockaddr*)address, &length));
  return fd;
}

static inline struct sockaddr_in loopback(unsigned port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

// What the program of the server writes behind its port.
static FILE* server_output;

// Starts a server in a process of its own, whose processor time is measured: a program that writes
// its port to its standard output, or without one a function, which is given a bound socket.
static inline struct sockaddr_in start_server(char** program, int type, void (*own)(int fd)) {
  struct sockaddr_in address;
  if (*program == NULL) {
    const int fd = bind_to_loopback(type, &address);
    if (type == SOCK_STREAM) must("listen", listen(fd, SOMAXCONN));
    measured = must("fork", fork());
    if (measured == 0) {
      start_idle_thread();
      own(fd);
      exit(0);
    }
    close(fd);
    return address;
  }
  int output[2];
  must("pipe", pipe(output));
  measured = must("fork", fork());
  if (measured == 0) {
    must("dup2", dup2(output[1], STDOUT_FILENO));
    execvp(program[0], program);
    perror(program[0]);
    exit(kNotFound);
  }
  close(output[1]);
  unsigned port = 0;
  server_output = fdopen(output[0], "r");
  if (server_output == NULL || fscanf(server_output, "%u", &port) != 1) {
    int status = 0;
    must("waitpid", waitpid(measured, &status, 0));
    exit(WIFEXITED(status) && WEXITSTATUS(status) > 0 ? WEXITSTATUS(status) : 1);
  }
  return loopback(port);
}

// Asks the server to end, and waits until it has.
static inline void stop_server(void) {
  kill(measured, SIGTERM);
  waitpid(measured, NULL, 0);
}
