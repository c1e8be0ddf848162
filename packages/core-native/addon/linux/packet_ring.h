#pragma once

#include "binding.h"

// The receive ring of an AF_PACKET socket (TPACKET_V3): memory that it shares with the kernel. It
// stays on this side, under a number: JavaScript gets copies of blocks, so that nothing there can
// read what is no longer mapped, or what the kernel is writing to.

namespace bsd_sockets {

int64_t MapRing(Environment& environment, int fd, double size);
int64_t UnmapRing(Environment& environment, int ring);
int64_t WaitForBlock(Environment& environment, int fd, int ring, double offset, double timeout);
int64_t TakeBlock(Environment& environment, int ring, double offset, Bytes memory);

}  // namespace bsd_sockets
