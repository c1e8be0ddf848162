#pragma once

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#include "platform.h"

// What differs between POSIX platforms, one implementation each (`linux/platform.cc`). Every
// descriptor is close-on-exec from birth. Results are a descriptor, or -1 with errno set.

namespace bsd_sockets {

int OpenSocket(int family, int type, int protocol, bool nonblocking);
int OpenPipe(int fds[2]);
int OpenSocketPair(int family, int type, int protocol, bool nonblocking, int fds[2]);
int AcceptSocket(int fd, sockaddr* address, socklen_t* length, bool nonblocking);
// After a connect that went on by itself, and whose SO_ERROR was asked for: lets go of what the
// kernel still keeps for a call that asks how it ended.
void EndConnect(int fd, const sockaddr* address, socklen_t length);
// What a socket was opened with.
int FamilyOf(int fd);
int ProtocolOf(int fd);
// Its length is in bytes for every option.
int GetSocketOption(int fd, int level, int option, void* value, socklen_t* length);
ssize_t SendTo(int fd, const void* data, size_t length, int flags, const sockaddr* address,
               socklen_t address_length);
ssize_t ReceiveFrom(int fd, void* data, size_t length, int flags, sockaddr* address,
                    socklen_t* address_length);
ssize_t SendMsg(int fd, const msghdr* message, int flags);
// Received descriptors are close-on-exec too.
ssize_t ReceiveMsg(int fd, msghdr* message, int flags);

// A message of several: what the system calls take, where the platform has them.
struct BatchMessage {
  msghdr header;
  unsigned length;  // out: bytes that were sent or received
};
// Returns how many messages were sent, at least 1, of the last of them maybe a part: what stops it
// after the first is for the next call to meet.
int SendMMsg(int fd, BatchMessage* messages, unsigned count, int flags);
// The same of receiving. Waits only for the first message.
int ReceiveMMsg(int fd, BatchMessage* messages, unsigned count, int flags);

// poll(2) with a limit in nanoseconds; null for none.
int PollEntries(pollfd* entries, nfds_t count, const timespec* limit);

// if_nametoindex(3), and of alternative names too: 0 for none, with errno set.
unsigned InterfaceIndex(const char* name);
// The fewest bytes of what an ioctl(2) request takes; 0 if that is not known.
size_t RequestSize(uint32_t request);
// Whether it is known to take an address: the kernel writes to it, or reads a structure.
bool TakesAddress(uint32_t request);

// Those of pthreads, which platforms may have to look for under an older name. An error is
// positive.
int StartThread(pthread_t* thread, void* (*run)(void*), void* data);
void JoinThread(pthread_t thread);
void MaskSignals(const sigset_t* mask, sigset_t* before);

// Leaves the position of `file` where it is.
ssize_t SendFile(int fd, int file, off_t offset, size_t count);

}  // namespace bsd_sockets
