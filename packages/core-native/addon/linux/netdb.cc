#include "posix/netdb.h"

#include <cerrno>
#include <mutex>
#include <vector>

namespace bsd_sockets {

namespace {

// Calls `look_up(entry, memory, size, found)` with more memory, as long as it asks for it.
template <typename Entry, typename Take, typename Lookup>
int Find(const Take& take, Lookup look_up) {
  constexpr size_t most = 1 << 22;
  std::vector<char> memory(1024);
  for (;;) {
    Entry entry;
    Entry* found = nullptr;
    const int error = look_up(&entry, memory.data(), memory.size(), &found);
    if (error != ERANGE || memory.size() >= most) {
      if (found) take(*found);
      return error;
    }
    memory.resize(memory.size() * 2);
  }
}

}  // namespace

int HostByName(const char* name, const TakeHost& take, int* failure) {
  return Find<hostent>(take, [&](hostent* entry, char* memory, size_t size, hostent** found) {
    return gethostbyname_r(name, entry, memory, size, found, failure);
  });
}

int HostByAddress(const void* address, socklen_t length, int family, const TakeHost& take,
                  int* failure) {
  return Find<hostent>(take, [&](hostent* entry, char* memory, size_t size, hostent** found) {
    return gethostbyaddr_r(address, length, family, entry, memory, size, found, failure);
  });
}

int ProtocolByName(const char* name, const TakeProtocol& take) {
#ifdef __GLIBC__
  return Find<protoent>(take, [&](protoent* entry, char* memory, size_t size, protoent** found) {
    return getprotobyname_r(name, entry, memory, size, found);
  });
#else
  // Its one entry is written again by the next call.
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  if (const protoent* found = getprotobyname(name)) take(*found);
  return 0;
#endif
}

int ServiceByName(const char* name, const char* protocol, const TakeService& take) {
  return Find<servent>(take, [&](servent* entry, char* memory, size_t size, servent** found) {
    return getservbyname_r(name, protocol, entry, memory, size, found);
  });
}

int ServiceByPort(int port, const char* protocol, const TakeService& take) {
  return Find<servent>(take, [&](servent* entry, char* memory, size_t size, servent** found) {
    return getservbyport_r(port, protocol, entry, memory, size, found);
  });
}

}  // namespace bsd_sockets
