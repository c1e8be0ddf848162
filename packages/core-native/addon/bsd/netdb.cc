#include "posix/netdb.h"

#include <cerrno>
#include <mutex>

namespace bsd_sockets {

namespace {

// What these calls return is written again by the next one, of whatever database: one at a time.
template <typename Take, typename Lookup>
void Find(const Take& take, Lookup look_up) {
  // Threads may outlive what is destroyed at exit.
  static auto* const mutex = new std::mutex;
  const std::lock_guard<std::mutex> lock(*mutex);
  if (const auto* found = look_up()) take(*found);
}

template <typename Lookup>
int FindHost(const TakeHost& take, int* failure, Lookup look_up) {
  int error = 0;
  Find(take, [&] {
    const hostent* found = look_up();
    if (!found) *failure = h_errno;
    if (!found && h_errno == NETDB_INTERNAL) error = errno;
    return found;
  });
  return error;
}

}  // namespace

int HostByName(const char* name, const TakeHost& take, int* failure) {
  return FindHost(take, failure, [&] { return gethostbyname(name); });
}

int HostByAddress(const void* address, socklen_t length, int family, const TakeHost& take,
                  int* failure) {
  return FindHost(take, failure, [&] { return gethostbyaddr(address, length, family); });
}

int ProtocolByName(const char* name, const TakeProtocol& take) {
  Find(take, [&] { return getprotobyname(name); });
  return 0;
}

int ServiceByName(const char* name, const char* protocol, const TakeService& take) {
  Find(take, [&] { return getservbyname(name, protocol); });
  return 0;
}

int ServiceByPort(int port, const char* protocol, const TakeService& take) {
  Find(take, [&] { return getservbyport(port, protocol); });
  return 0;
}

}  // namespace bsd_sockets
