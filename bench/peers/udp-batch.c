// udp-batch send|recv|gso: 64 datagrams at a time over UDP loopback.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "rounds.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { kBatch = 64, kSize = 64, kSegment = 1200, kSegments = 32 };
// So many batches find room in the receiver's queue.
enum { kQueued = 8 };
static const int kReceiveBuffer = 1024 * 1024;

static int receiver;
static int sender;

static struct mmsghdr datagrams[kBatch];
static struct mmsghdr buffers[kBatch / kSegments];
static struct mmsghdr incoming[kBatch];

static void prepare(struct mmsghdr* messages, int count, size_t size, int with_address) {
  char* data = calloc(count, size);
  struct iovec* vectors = calloc(count, sizeof(struct iovec));
  struct sockaddr_storage* addresses = calloc(count, sizeof(struct sockaddr_storage));
  if (!data || !vectors || !addresses) abort();
  for (int index = 0; index < count; index++) {
    vectors[index] = (struct iovec){data + index * size, size};
    messages[index].msg_hdr.msg_iov = &vectors[index];
    messages[index].msg_hdr.msg_iovlen = 1;
    if (with_address) messages[index].msg_hdr.msg_name = &addresses[index];
  }
}

static void send_batches(struct mmsghdr* messages, int length, long count) {
  while (count-- > 0) {
    if (must("sendmmsg", sendmmsg(sender, messages, length, 0)) < length) abort();
  }
}

static void work_send(long count) { send_batches(datagrams, kBatch, count); }

static void work_gso(long count) { send_batches(buffers, kBatch / kSegments, count); }

static void work_recv(long count) {
  for (; count > 0; count -= kQueued) {
    const long batches = count < kQueued ? count : kQueued;
    const long long begin = now();
    work_send(batches);
    uncounted += now() - begin;
    for (long missing = batches * kBatch; missing > 0;) {
      for (int index = 0; index < kBatch; index++) {
        incoming[index].msg_hdr.msg_namelen = sizeof(struct sockaddr_storage);
      }
      missing -= must("recvmmsg", recvmmsg(receiver, incoming, kBatch, MSG_WAITFORONE, NULL));
    }
  }
}

int main(int count, char** arguments) {
  const char* kind = count > 1 ? arguments[1] : "send";
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof(address);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  receiver = must("socket", socket(AF_INET, SOCK_DGRAM, 0));
  sender = must("socket", socket(AF_INET, SOCK_DGRAM, 0));
  must("setsockopt",
       setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer)));
  must("bind", bind(receiver, (struct sockaddr*)&address, length));
  must("getsockname", getsockname(receiver, (struct sockaddr*)&address, &length));
  must("connect", connect(sender, (struct sockaddr*)&address, length));
  prepare(datagrams, kBatch, kSize, 0);
  prepare(buffers, kBatch / kSegments, kSegment * kSegments, 0);
  prepare(incoming, kBatch, kSize, 1);
  start_idle_thread();
  if (strcmp(kind, "recv") == 0) {
    serve(work_recv);
  } else if (strcmp(kind, "gso") == 0) {
    const int segment = kSegment;
    must("setsockopt", setsockopt(sender, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)));
    serve(work_gso);
  } else {
    serve(work_send);
  }
  return 0;
}
