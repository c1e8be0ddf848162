#pragma once

#include "posix/system.h"

// What a platform without sendmmsg(2) and recvmmsg(2) has for SendMMsg and ReceiveMMsg.

namespace bsd_sockets {

int SendOneByOne(int fd, BatchMessage* messages, unsigned count, int flags);
int ReceiveOneByOne(int fd, BatchMessage* messages, unsigned count, int flags);

}  // namespace bsd_sockets
