#include "posix/databases.h"

#include <arpa/inet.h>
#include <napi.h>
#include <netinet/in.h>

#include <cerrno>
#include <string>
#include <vector>

#include "posix/netdb.h"

namespace bsd_sockets {

namespace {

constexpr int kFound = 0;  // NETDB_SUCCESS, which musl has not

struct Host {
  int failure = kFound;  // an h_errno
  int error = 0;         // the errno behind NETDB_INTERNAL
  std::string name;
  std::vector<std::string> aliases;
  std::vector<std::string> addresses;
};

std::string Presentation(int family, const char* address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address, text, sizeof text);
  return text;
}

// `look_up(take, failure)` returns an errno.
template <typename Lookup>
Host FindHost(Lookup look_up) {
  Host host;
  bool found = false;
  const auto take = [&](const hostent& entry) {
    found = true;
    host.name = entry.h_name;
    for (char** alias = entry.h_aliases; *alias; ++alias) host.aliases.emplace_back(*alias);
    for (char** address = entry.h_addr_list; *address; ++address) {
      host.addresses.push_back(Presentation(entry.h_addrtype, *address));
    }
  };
  host.error = look_up(take, &host.failure);
  if (found) {
    host.failure = kFound;
  } else if (host.failure == kFound) {
    host.failure = HOST_NOT_FOUND;
  }
  return host;
}

Host FindHostByName(const std::string& name) {
  return FindHost(
      [&](const TakeHost& take, int* failure) { return HostByName(name.c_str(), take, failure); });
}

Host FindHostByAddress(const sockaddr_storage& address) {
  const bool is_inet6 = address.ss_family == AF_INET6;
  const void* bytes =
      is_inet6 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
               : &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  const socklen_t length = is_inet6 ? sizeof(in6_addr) : sizeof(in_addr);
  return FindHost([&](const TakeHost& take, int* failure) {
    return HostByAddress(bytes, length, address.ss_family, take, failure);
  });
}

Napi::Array List(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array list = Napi::Array::New(env, texts.size());
  for (size_t index = 0; index < texts.size(); ++index) {
    list[static_cast<uint32_t>(index)] = Napi::String::New(env, texts[index]);
  }
  return list;
}

napi_value Write(Environment& environment, const Host& host) {
  const Napi::Env env(environment.env());
  if (host.failure != kFound) {
    environment.block().error = host.error;
    return Napi::Number::New(env, host.failure);
  }
  Napi::Array entry = Napi::Array::New(env, 3);
  entry[0u] = Napi::String::New(env, host.name);
  entry[1u] = List(env, host.aliases);
  entry[2u] = List(env, host.addresses);
  return entry;
}

struct ServiceName {
  int64_t error = 0;  // a negative errno
  std::string text;
};

napi_value Write(Environment& environment, const ServiceName& name) {
  const Napi::Env env(environment.env());
  if (name.error < 0) return Napi::Number::New(env, static_cast<double>(name.error));
  return Napi::String::New(env, name.text);
}

// What an entry that was not found is.
int64_t Missing(int error) { return error ? -error : -ENOENT; }

}  // namespace

// gethostbyname(3)
napi_value Gethostbyname(Environment& environment, Bytes name, Callback done) {
  return LookUp(environment, done, [name = name.Text()] { return FindHostByName(name); });
}

// gethostbyaddr(3)
napi_value Gethostbyaddr(Environment& environment, Bytes sockaddr, Callback done) {
  sockaddr_storage address = {};
  sockaddr.CopyTo(&address, sizeof address);
  return LookUp(environment, done, [address] { return FindHostByAddress(address); });
}

// getprotobyname(3)
napi_value Getprotobyname(Environment& environment, Bytes name, Callback done) {
  return LookUp(environment, done, [name = name.Text()] {
    int64_t number = -1;
    const int error =
        ProtocolByName(name.c_str(), [&](const protoent& entry) { number = entry.p_proto; });
    return number < 0 ? Missing(error) : number;
  });
}

// getservbyname(3)
napi_value Getservbyname(Environment& environment, Bytes name, Bytes protocol, Callback done) {
  return LookUp(environment, done, [name = name.Text(), protocol = protocol.OptionalText()] {
    int64_t port = -1;
    const int error = ServiceByName(
        name.c_str(), protocol ? protocol->c_str() : nullptr,
        [&](const servent& entry) { port = ntohs(static_cast<uint16_t>(entry.s_port)); });
    return port < 0 ? Missing(error) : port;
  });
}

// getservbyport(3): a name, or a negative errno.
napi_value Getservbyport(Environment& environment, int port, Bytes protocol, Callback done) {
  return LookUp(environment, done, [port, protocol = protocol.OptionalText()] {
    ServiceName name{-ENOENT, ""};
    const int error =
        ServiceByPort(htons(static_cast<uint16_t>(port)), protocol ? protocol->c_str() : nullptr,
                      [&](const servent& entry) {
                        name = {0, entry.s_name};
                      });
    if (name.error < 0) name.error = Missing(error);
    return name;
  });
}

}  // namespace bsd_sockets
