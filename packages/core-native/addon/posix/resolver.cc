#include "posix/resolver.h"

#include <napi.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace bsd_sockets {

namespace {

struct AddressList {
  int code = 0;   // EAI_*
  int error = 0;  // the errno behind EAI_SYSTEM
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> first{nullptr, freeaddrinfo};
};

// A row of the answer: `address-list.ts` reads it.
struct AddressRecord {
  int32_t family;
  int32_t type;
  int32_t protocol;
  int32_t length;  // bytes of `address` that count
  int32_t more;    // whether another record follows, not the canonical name
  char address[sizeof(sockaddr_storage)];
};

AddressList FindAddresses(const char* host, const char* service, const addrinfo& hints) {
  AddressList list;
  addrinfo* found = nullptr;
  errno = 0;
  list.code = getaddrinfo(host, service, &hints, &found);
  if (list.code == 0) {
    list.first.reset(found);
  } else {
    list.error = errno;
  }
  return list;
}

struct Name {
  int code = 0;   // EAI_*
  int error = 0;  // the errno behind EAI_SYSTEM
  char host[NI_MAXHOST] = "";
  char service[NI_MAXSERV] = "";
};

Name FindName(const sockaddr_storage& address, size_t length, int flags) {
  Name name;
  errno = 0;
  name.code =
      getnameinfo(reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length),
                  name.host, sizeof name.host, name.service, sizeof name.service, flags);
  if (name.code != 0) name.error = errno;
  return name;
}

napi_value Failure(Environment& environment, int code, int error) {
  environment.block().error = error;
  return Napi::Number::New(environment.env(), code);
}

napi_value Write(Environment& environment, const AddressList& found) {
  if (found.code != 0) return Failure(environment, found.code, found.error);
  // One buffer for all, since each value of JavaScript takes longer to make than an address to
  // find.
  std::string packed;
  for (const addrinfo* entry = found.first.get(); entry; entry = entry->ai_next) {
    AddressRecord record = {};
    record.family = entry->ai_family;
    record.type = entry->ai_socktype;
    record.protocol = entry->ai_protocol;
    record.more = entry->ai_next ? 1 : 0;
    record.length =
        static_cast<int32_t>(std::min<size_t>(entry->ai_addrlen, sizeof record.address));
    std::memcpy(record.address, entry->ai_addr, static_cast<size_t>(record.length));
    packed.append(reinterpret_cast<const char*>(&record), sizeof record);
  }
  // Only the first entry has a canonical name.
  if (found.first && found.first->ai_canonname) packed += found.first->ai_canonname;
  return Napi::Buffer<char>::Copy(environment.env(), packed.data(), packed.size());
}

napi_value Write(Environment& environment, const Name& name) {
  if (name.code != 0) return Failure(environment, name.code, name.error);
  const Napi::Env env(environment.env());
  Napi::Array pair = Napi::Array::New(env, 2);
  pair[0u] = Napi::String::New(env, name.host);
  pair[1u] = Napi::String::New(env, name.service);
  return pair;
}

}  // namespace

// getaddrinfo(3): an AddressRecord of each address and the canonical name behind the last, or an
// EAI_* code (with the errno behind EAI_SYSTEM in the call block). Host and service are bytes
// without NUL, or null.
napi_value Getaddrinfo(Environment& environment, Bytes host, Bytes service, int family, int type,
                       int protocol, int flags, Callback done) {
  addrinfo hints = {};
  hints.ai_family = family;
  hints.ai_socktype = type;
  hints.ai_protocol = protocol;
  hints.ai_flags = flags;
  return LookUp(environment, done,
                [host = host.OptionalText(), service = service.OptionalText(), hints] {
                  return FindAddresses(host ? host->c_str() : nullptr,
                                       service ? service->c_str() : nullptr, hints);
                });
}

// getnameinfo(3): an array [host, service], or an EAI_* code (with the errno behind EAI_SYSTEM in
// the call block).
napi_value Getnameinfo(Environment& environment, Bytes sockaddr, int flags, Callback done) {
  sockaddr_storage address = {};
  const size_t length = sockaddr.CopyTo(&address, sizeof address);
  return LookUp(environment, done,
                [address, length, flags] { return FindName(address, length, flags); });
}

}  // namespace bsd_sockets
