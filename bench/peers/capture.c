// capture recv|ring|ring-into: receives the frames of bench1, a call for each or from a ring.
#include "capture.h"

#include <poll.h>
#include <sys/mman.h>

static const int kReceiveBuffer = 4 * 1024 * 1024;
enum { kBlock = 256 * 1024, kBlocks = 16, kRetire = 10 };

static int receiver;
static long received;

static void take(const unsigned char* frame) {
  received++;
  if (frame[kLast] != 1) return;
  tell(received);
  received = 0;
}

static void receive_by_call(void) {
  unsigned char frame[2048];
  for (;;) {
    must("recv", recv(receiver, frame, sizeof(frame), 0));
    take(frame);
  }
}

static unsigned char* map_ring(void) {
  const int version = TPACKET_V3;
  const struct tpacket_req3 ring = {.tp_block_size = kBlock,
                                    .tp_block_nr = kBlocks,
                                    .tp_frame_size = kBlock,
                                    .tp_frame_nr = kBlocks,
                                    .tp_retire_blk_tov = kRetire};
  must("setsockopt", setsockopt(receiver, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)));
  must("setsockopt", setsockopt(receiver, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)));
  void* memory =
      mmap(NULL, (size_t)kBlock * kBlocks, PROT_READ | PROT_WRITE, MAP_SHARED, receiver, 0);
  must("mmap", memory == MAP_FAILED ? -1 : 0);
  return memory;
}

static void receive_by_ring(unsigned char* ring) {
  struct pollfd readable = {.fd = receiver, .events = POLLIN};
  for (int number = 0;; number = (number + 1) % kBlocks) {
    unsigned char* block = ring + (size_t)number * kBlock;
    struct tpacket_hdr_v1* header = &((struct tpacket_block_desc*)block)->hdr.bh1;
    while (!(__atomic_load_n(&header->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
      must("poll", poll(&readable, 1, -1));
    }
    unsigned char* frame = block + header->offset_to_first_pkt;
    for (unsigned left = header->num_pkts; left > 0; left--) {
      const struct tpacket3_hdr* packet = (const struct tpacket3_hdr*)frame;
      take(frame + packet->tp_mac);
      frame += packet->tp_next_offset;
    }
    __atomic_store_n(&header->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  }
}

int main(int count, char** arguments) {
  receiver = must("socket", socket(AF_PACKET, SOCK_RAW, 0));
  start_idle_thread();
  unsigned char* ring = NULL;
  if (count > 1 && strncmp(arguments[1], "ring", 4) == 0) {
    ring = map_ring();
  } else {
    must("setsockopt",
         setsockopt(receiver, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof(kReceiveBuffer)));
  }
  bind_to_interface(receiver, "bench1", kEtherType);
  tell(1);
  if (ring) {
    receive_by_ring(ring);
  } else {
    receive_by_call();
  }
  return 0;
}
