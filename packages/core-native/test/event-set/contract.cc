// What an event set tells, and when: the contract of event_set.h, over the set of this platform.
// Each check is one line, `ok` or `DIFFERS`, with the events that were told last.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "event_set.h"

using bsd_sockets::EventSet;
using bsd_sockets::kLasting;
using bsd_sockets::kReadable;
using bsd_sockets::kWritable;
using bsd_sockets::ReadyEvent;

namespace {

const std::unique_ptr<EventSet> set = EventSet::Make();
std::vector<ReadyEvent> told;
int32_t last_generation = 0;

void Check(const char* what, bool holds) {
  std::string events;
  for (const ReadyEvent& event : told) {
    events += " " + std::to_string(event.generation) + ":" + std::to_string(event.ready);
  }
  printf("%s %s (%s )\n", holds ? "ok" : "DIFFERS", what, events.c_str());
}

// Takes all that comes until nothing more does.
void Take() {
  told.clear();
  ReadyEvent events[64];
  pollfd entry = {set->fd(), POLLIN, 0};
  for (int count = 1; count > 0;) {
    // What was sent over loopback is there at once; a connect or a reset takes its time.
    poll(&entry, 1, 20);
    count = set->Take(events, 64);
    told.insert(told.end(), events, events + (count > 0 ? count : 0));
  }
}

// What a generation was told of, all together; -1 for nothing.
int Told(int32_t generation) {
  int ready = 0;
  bool any = false;
  for (const ReadyEvent& event : told) {
    if (event.generation != generation) continue;
    ready |= event.ready;
    any = true;
  }
  return any ? ready : -1;
}

bool Is(int32_t generation, int bits) {
  return Told(generation) >= 0 && (Told(generation) & bits) == bits;
}

bool IsNot(int32_t generation, int bits) {
  return Told(generation) < 0 || !(Told(generation) & bits);
}

int32_t Add(int fd) {
  const int32_t generation = ++last_generation;
  if (set->Add(fd, generation) < 0) printf("DIFFERS a socket can be added ( )\n");
  return generation;
}

void Close(int fd) {
  set->Remove(fd);
  close(fd);
}

int Nonblocking(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_in NameOf(int fd) {
  sockaddr_in address = {};
  socklen_t length = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return address;
}

int Bound(int type) {
  const int fd = Nonblocking(socket(AF_INET, type, 0));
  const sockaddr_in address = Loopback(0);
  bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return fd;
}

int Connect(int fd, const sockaddr_in& address) {
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

struct Pair {
  int one;
  int other;
};

const int listener = [] {
  const int fd = Bound(SOCK_STREAM);
  listen(fd, 5);
  return fd;
}();

int Accepted() {
  int fd;
  while ((fd = accept(listener, nullptr, nullptr)) < 0) usleep(1000);
  return Nonblocking(fd);
}

Pair Tcp() {
  const int one = socket(AF_INET, SOCK_STREAM, 0);
  Connect(one, NameOf(listener));
  const Pair pair = {Nonblocking(one), Accepted()};
  // A second message does not wait for the acknowledgement of the first one.
  const int on = 1;
  for (const int fd : {pair.one, pair.other}) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  return pair;
}

Pair Local(int type) {
  int fds[2];
  socketpair(AF_UNIX, type, 0, fds);
  return {Nonblocking(fds[0]), Nonblocking(fds[1])};
}

ssize_t Read(int fd, size_t length = 65536) {
  static char bytes[65536];
  return recv(fd, bytes, length, 0);
}

void TestListener() {
  const int32_t waiting = Add(listener);
  Take();
  Check("an idle listener is not readable", IsNot(waiting, kReadable));
  const int one = socket(AF_INET, SOCK_STREAM, 0);
  Connect(one, NameOf(listener));
  Take();
  Check("a connection makes it readable", Is(waiting, kReadable));
  Take();
  Check("  which is told once", Told(waiting) < 0);
  close(one);
  close(Accepted());
  set->Remove(listener);
}

void TestData(const char* kind, Pair pair) {
  printf("# %s\n", kind);
  send(pair.other, "early", 5, 0);
  usleep(2000);
  const int32_t own = Add(pair.one);
  Take();
  Check("added late, it is told of what is there", Is(own, kReadable | kWritable));
  Take();
  Check("  and of nothing without a change", Told(own) < 0);
  Read(pair.one, 2);
  Take();
  Check("  nor when a part was read", IsNot(own, kReadable));
  send(pair.other, "more", 4, 0);
  Take();
  Check("more over unread data is told", Is(own, kReadable));
  while (Read(pair.one) > 0) {
  }
  send(pair.other, "again", 5, 0);
  Take();
  Check("data after EAGAIN are told", Is(own, kReadable));
  const int32_t anew = Add(pair.one);
  Take();
  Check("added again, it is told anew, with the new generation",
        Is(anew, kReadable) && Told(own) < 0);
  while (Read(pair.one) > 0) {
  }
  Close(pair.one);
  close(pair.other);
  Take();
}

void TestRoom(const char* kind, Pair pair) {
  printf("# %s\n", kind);
  static const char bytes[65536] = {};
  const int32_t own = Add(pair.one);
  size_t filled = 0;
  for (int quiet = 0; quiet < 3; quiet++) {
    for (ssize_t sent; (sent = send(pair.one, bytes, sizeof(bytes), 0)) > 0; quiet = 0)
      filled += sent;
    Take();
  }
  Check("a full buffer is not writable", IsNot(own, kWritable));
  size_t drained = 0;
  for (ssize_t got; drained < filled && ((got = Read(pair.other)) > 0 || errno == EAGAIN);) {
    if (got > 0) drained += got;
  }
  Take();
  Check("one that the peer has drained is", Is(own, kWritable) && drained == filled);
  Close(pair.one);
  close(pair.other);
  Take();
}

void TestEnd(const char* kind, Pair pair, Pair late) {
  printf("# %s\n", kind);
  const int32_t own = Add(pair.one);
  Take();
  send(pair.other, "last", 4, 0);
  shutdown(pair.other, SHUT_WR);
  Take();
  Check("the end of what comes lasts", Is(own, kReadable | kLasting));
  Check("  what was sent before is there, then the end",
        Read(pair.one) == 4 && Read(pair.one) == 0);
  close(pair.other);
  Take();
  Close(pair.one);
  close(late.other);
  usleep(3000);
  const int32_t ended = Add(late.one);
  Take();
  Check("added after the end, it is told of it", Is(ended, kReadable | kLasting));
  Close(late.one);
  Take();
}

void TestReset() {
  const Pair pair = Tcp();
  const int32_t own = Add(pair.one);
  Take();
  const linger now = {1, 0};
  setsockopt(pair.other, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(pair.other);
  Take();
  Check("a reset lasts, for both directions", Is(own, kReadable | kWritable | kLasting));
  Check("  and is the error of the receive", Read(pair.one) < 0 && errno == ECONNRESET);
  Close(pair.one);
  Take();
}

void TestConnect() {
  const int taken = Bound(SOCK_STREAM);
  const sockaddr_in nobody = NameOf(taken);
  close(taken);
  const int refused = Nonblocking(socket(AF_INET, SOCK_STREAM, 0));
  Connect(refused, nobody);
  int32_t own = Add(refused);
  Take();
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(refused, SOL_SOCKET, SO_ERROR, &error, &length);
  Check("a refused connect is writable, with its error",
        Is(own, kWritable) && error == ECONNREFUSED);
  Close(refused);

  const int one = Nonblocking(socket(AF_INET, SOCK_STREAM, 0));
  own = Add(one);
  Take();
  Connect(one, NameOf(listener));
  Take();
  Check("added before its connect, it is told when that is done", Is(own, kWritable));
  Close(one);
  close(Accepted());
  Take();
}

void TestDatagrams() {
  const int fd = Bound(SOCK_DGRAM);
  const sockaddr_in own_address = NameOf(fd);
  const auto send_to = [&] {
    sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&own_address), sizeof(own_address));
  };
  const int32_t own = Add(fd);
  Take();
  Check("an idle datagram socket is writable only", Told(own) == kWritable);
  send_to();
  Take();
  Check("a datagram is told", Is(own, kReadable));
  send_to();
  Take();
  Check("  and one over the first", Is(own, kReadable));
  Read(fd);
  Read(fd);
  const int taken = Bound(SOCK_DGRAM);
  Connect(fd, NameOf(taken));
  close(taken);
  Take();
  send(fd, "x", 1, 0);
  Take();
  Check("an unreachable port is told, and the error of the receive",
        Is(own, kReadable) && Read(fd) < 0 && errno == ECONNREFUSED);
  Close(fd);
  Take();
}

void TestUrgent() {
  const Pair pair = Tcp();
  const int32_t own = Add(pair.one);
  Take();
  send(pair.other, "!", 1, MSG_OOB);
  Take();
  Check("urgent data last", Is(own, kLasting));
  Close(pair.one);
  close(pair.other);
  Take();
}

void TestNumbers() {
  Pair pair = Local(SOCK_STREAM);
  const int32_t first = Add(pair.one);
  Take();
  Close(pair.one);
  const int again = dup(pair.other);
  Take();
  Check("a number that is used again is not in the set", again == pair.one && told.empty());
  Check("  and cannot be taken out", set->Remove(again) == -ENOENT);
  const int32_t second = Add(again);
  Take();
  Check("  until it is added, with a generation of its own", Told(second) >= 0 && Told(first) < 0);
  Close(again);
  close(pair.other);

  pair = Local(SOCK_STREAM);
  const int32_t closed = Add(pair.one);
  Take();
  const int duplicate = dup(pair.one);
  Close(pair.one);
  send(pair.other, "x", 1, 0);
  Take();
  Check("what was taken out and closed is quiet, though a duplicate lives", Told(closed) < 0);
  close(duplicate);
  close(pair.other);
  Check("what is no descriptor is refused", set->Add(9999, 1) == -EBADF);
}

void TestFd() {
  const Pair pair = Local(SOCK_STREAM);
  Add(pair.one);
  Take();
  pollfd entry = {set->fd(), POLLIN, 0};
  Check("the set is not readable while there is nothing to take", poll(&entry, 1, 0) == 0);
  send(pair.other, "x", 1, 0);
  Check("  and is when there is", poll(&entry, 1, 100) == 1);
  ReadyEvent event;
  Check("  of which as many are taken as there is room for", set->Take(&event, 1) == 1);
  Close(pair.one);
  close(pair.other);
}

}  // namespace

void bsd_sockets::CloseDescriptor(Descriptor fd) { close(fd); }

int main() {
  Check("a set opens", set->Open() == 0 && set->fd() >= 0);
  Check("what starts does not inherit it", fcntl(set->fd(), F_GETFD) & FD_CLOEXEC);
  TestListener();
  TestData("a stream of unix", Local(SOCK_STREAM));
  TestData("a stream of inet", Tcp());
  TestRoom("a stream of unix", Local(SOCK_STREAM));
  TestRoom("a stream of inet", Tcp());
  TestEnd("a stream of unix", Local(SOCK_STREAM), Local(SOCK_STREAM));
  TestEnd("a stream of inet", Tcp(), Tcp());
  TestReset();
  TestConnect();
  TestDatagrams();
  TestUrgent();
  TestNumbers();
  TestFd();
}
