// udp-single send|recv|pktinfo: datagrams of 64 bytes over UDP loopback, one a call.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "rounds.h"

enum { kSize = 64 };
// So many find room in the receiver's queue.
enum { kQueued = 512 };
static const int kReceiveBuffer = 1024 * 1024;
static const int kOn = 1;

static int receiver;
static int sender;
static char data[kSize];

static void work_send(long count) {
  while (count-- > 0) must("send", send(sender, data, kSize, 0));
}

// Has the datagrams sent first, which is not counted.
static long next_queue(long count) {
  const long long begin = now();
  const long queued = count < kQueued ? count : kQueued;
  work_send(queued);
  uncounted += now() - begin;
  return queued;
}

static void work_recv(long count) {
  struct sockaddr_storage address;
  for (; count > 0; count -= kQueued) {
    for (long queued = next_queue(count); queued > 0; queued--) {
      socklen_t length = sizeof(address);
      must("recvfrom", recvfrom(receiver, data, kSize, 0, (struct sockaddr*)&address, &length));
    }
  }
}

static void decode(struct msghdr* message) {
  char texts[2][INET_ADDRSTRLEN];
  for (struct cmsghdr* header = CMSG_FIRSTHDR(message); header;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != IPPROTO_IP || header->cmsg_type != IP_PKTINFO) continue;
    const struct in_pktinfo* info = (const struct in_pktinfo*)CMSG_DATA(header);
    if (!inet_ntop(AF_INET, &info->ipi_spec_dst, texts[0], sizeof(texts[0]))) abort();
    if (!inet_ntop(AF_INET, &info->ipi_addr, texts[1], sizeof(texts[1]))) abort();
    if (info->ipi_ifindex > 0) return;
  }
  abort();
}

static void work_pktinfo(long count) {
  char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
  struct sockaddr_storage address;
  struct iovec vector = {data, kSize};
  for (; count > 0; count -= kQueued) {
    for (long queued = next_queue(count); queued > 0; queued--) {
      struct msghdr message = {.msg_name = &address,
                               .msg_namelen = sizeof(address),
                               .msg_iov = &vector,
                               .msg_iovlen = 1,
                               .msg_control = control,
                               .msg_controllen = sizeof(control)};
      must("recvmsg", recvmsg(receiver, &message, 0));
      decode(&message);
    }
  }
}

int main(int count, char** arguments) {
  const char* kind = count > 1 ? arguments[1] : "send";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof(address);
  receiver = must("socket", socket(AF_INET, SOCK_DGRAM, 0));
  sender = must("socket", socket(AF_INET, SOCK_DGRAM, 0));
  must("setsockopt",
       setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer)));
  must("bind", bind(receiver, (struct sockaddr*)&address, length));
  must("getsockname", getsockname(receiver, (struct sockaddr*)&address, &length));
  must("connect", connect(sender, (struct sockaddr*)&address, length));
  start_idle_thread();
  if (strcmp(kind, "recv") == 0) {
    serve(work_recv);
  } else if (strcmp(kind, "pktinfo") == 0) {
    must("setsockopt", setsockopt(receiver, IPPROTO_IP, IP_PKTINFO, &kOn, sizeof(kOn)));
    serve(work_pktinfo);
  } else {
    serve(work_send);
  }
  return 0;
}
