// Passes a descriptor over a unix socketpair with one byte, receives its duplicate and closes that.
#include <string.h>
#include <sys/socket.h>

#include "rounds.h"

static int ends[2];

// Room for one descriptor.
union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message_of(struct iovec* vector, union control* control) {
  return (struct msghdr){.msg_iov = vector,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof(*control)};
}

static void pass(int fd) {
  char byte = 0;
  struct iovec vector = {&byte, 1};
  union control control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
                                      .cmsg_level = SOL_SOCKET,
                                      .cmsg_type = SCM_RIGHTS}};
  memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
  const struct msghdr message = message_of(&vector, &control);
  must("sendmsg", sendmsg(ends[0], &message, 0));
}

static int take(void) {
  char byte;
  int fd;
  struct iovec vector = {&byte, 1};
  union control control;
  struct msghdr message = message_of(&vector, &control);
  must("recvmsg", recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC));
  const struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS) abort();
  memcpy(&fd, CMSG_DATA(header), sizeof(fd));
  return fd;
}

static void work(long count) {
  while (count-- > 0) {
    pass(ends[0]);
    must("close", close(take()));
  }
}

int main(void) {
  must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  start_idle_thread();
  serve(work);
  return 0;
}
