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
  const Napi::Env env(environment.env());
  Napi::Array list = Napi::Array::New(env);
  for (const addrinfo* entry = found.first.get(); entry; entry = entry->ai_next) {
    Napi::Array row = Napi::Array::New(env, 5);
    row[0u] = Napi::Number::New(env, entry->ai_family);
    row[1u] = Napi::Number::New(env, entry->ai_socktype);
    row[2u] = Napi::Number::New(env, entry->ai_protocol);
    row[3u] = Napi::String::New(env, entry->ai_canonname ? entry->ai_canonname : "");
    row[4u] = Napi::Buffer<uint8_t>::Copy(env, reinterpret_cast<const uint8_t*>(entry->ai_addr),
                                          entry->ai_addrlen);
    list[list.Length()] = row;
  }
  return list;
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

// getaddrinfo(3): an array of [family, type, protocol, canonname, sockaddr], or an EAI_* code (with
// the errno behind EAI_SYSTEM in the call block). Host and service are bytes without NUL, or null.
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
  const size_t length = std::min(sockaddr.length, sizeof address);
  std::memcpy(&address, sockaddr.data, length);
  return LookUp(environment, done,
                [address, length, flags] { return FindName(address, length, flags); });
}

}  // namespace bsd_sockets
