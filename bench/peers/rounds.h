#pragma once

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// Returns a result of at least 0; a failure ends the program.
static inline long must(const char* call, long result) {
  if (result >= 0) return result;
  perror(call);
  exit(1);
}

// Sends all of the bytes.
static inline void send_all(int fd, const char* data, size_t size) {
  for (size_t sent = 0; sent < size;) sent += must("send", send(fd, data + sent, size - sent, 0));
}

// Receives until `size` bytes are there; returns how many came before the end of the stream.
static inline size_t receive_all(int fd, char* buffer, size_t size) {
  size_t received = 0;
  while (received < size) {
    const long result = must("recv", recv(fd, buffer + received, size - received, 0));
    if (result == 0) break;
    received += result;
  }
  return received;
}

static void* idle(void* nothing) {
  for (;;) pause();
  return nothing;
}

// Starts a thread that does nothing: Node has threads, and the kernel and libc charge each call for
// them.
static inline void start_idle_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, idle, NULL) == 0) return;
  fputs("pthread_create failed\n", stderr);
  exit(1);
}

static inline long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// Nanoseconds of the round that are no part of what is measured: work() may add to them.
static long long uncounted;

// The process whose processor time is the second number of an answer; 0 for none.
static pid_t measured;

static inline long long processor_time(void) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(measured, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    fputs("the measured process has ended\n", stderr);
    exit(1);
  }
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// Answers each line `run N` with the nanoseconds that work(N) took.
static inline void serve(void (*work)(long count)) {
  long count;
  while (scanf(" run %ld", &count) == 1) {
    const long long used = measured ? processor_time() : 0;
    const long long begin = now();
    uncounted = 0;
    work(count);
    printf("%lld", now() - begin - uncounted);
    // Some kernels tell less than a tick as nothing.
    if (measured) printf(" %lld", processor_time() - used + 1);
    putchar('\n');
    fflush(stdout);
  }
}
