#include "posix/resolver.h"

#include <napi.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>

namespace bsd_sockets {

namespace {

std::optional<std::string> Text(Bytes bytes) {
  if (!bytes.data) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes.data), bytes.length);
}

const char* Pointer(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

}  // namespace

// getaddrinfo(3): an array of [family, type, protocol, canonname, sockaddr], or an EAI_* code (with
// the errno behind EAI_SYSTEM in the call block). Host and service are bytes without NUL, or null.
napi_value Getaddrinfo(Environment& environment, Bytes host, Bytes service, int family, int type,
                       int protocol, int flags) {
  const Napi::Env env(environment.env());
  addrinfo hints = {};
  hints.ai_family = family;
  hints.ai_socktype = type;
  hints.ai_protocol = protocol;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const std::optional<std::string> host_text = Text(host);
  const std::optional<std::string> service_text = Text(service);
  errno = 0;
  const int code = getaddrinfo(Pointer(host_text), Pointer(service_text), &hints, &found);
  if (code != 0) {
    environment.block().error = errno;
    return Napi::Number::New(env, code);
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  Napi::Array list = Napi::Array::New(env);
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
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

}  // namespace bsd_sockets
