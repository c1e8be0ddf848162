#include "posix/databases.h"

#include <arpa/inet.h>
#include <napi.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace bsd_sockets {

namespace {

// Memory for what an entry points to; it grows for as long as `look_up(data, size)` asks for more.
class Scratch {
 public:
  template <typename LookUp>
  int Fill(LookUp look_up) {
    for (;;) {
      const int error = look_up(memory_.data(), memory_.size());
      if (error != ERANGE || memory_.size() >= kMost) return error;
      memory_.resize(memory_.size() * 2);
    }
  }

 private:
  static constexpr size_t kMost = 1 << 22;
  std::vector<char> memory_ = std::vector<char>(1024);
};

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

template <typename LookUp>
Host FindHost(LookUp look_up) {
  Host host;
  Scratch scratch;
  hostent entry;
  hostent* found = nullptr;
  host.error = scratch.Fill([&](char* memory, size_t size) {
    return look_up(&entry, memory, size, &found, &host.failure);
  });
  if (!found) {
    if (host.failure == kFound) host.failure = HOST_NOT_FOUND;
    return host;
  }
  host.failure = kFound;
  host.name = found->h_name;
  for (char** alias = found->h_aliases; *alias; ++alias) host.aliases.emplace_back(*alias);
  for (char** address = found->h_addr_list; *address; ++address) {
    host.addresses.push_back(Presentation(found->h_addrtype, *address));
  }
  return host;
}

Host FindHostByName(const std::string& name) {
  return FindHost([&](hostent* entry, char* memory, size_t size, hostent** found, int* failure) {
    return gethostbyname_r(name.c_str(), entry, memory, size, found, failure);
  });
}

Host FindHostByAddress(const sockaddr_storage& address) {
  const bool is_inet6 = address.ss_family == AF_INET6;
  const void* bytes =
      is_inet6 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
               : &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  const socklen_t length = is_inet6 ? sizeof(in6_addr) : sizeof(in_addr);
  return FindHost([&](hostent* entry, char* memory, size_t size, hostent** found, int* failure) {
    return gethostbyaddr_r(bytes, length, address.ss_family, entry, memory, size, found, failure);
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

// The protocol's number, or a negative errno.
int64_t FindProtocol(const std::string& name) {
#ifdef __GLIBC__
  Scratch scratch;
  protoent entry;
  protoent* found = nullptr;
  const int error = scratch.Fill([&](char* memory, size_t size) {
    return getprotobyname_r(name.c_str(), &entry, memory, size, &found);
  });
  return found ? found->p_proto : Missing(error);
#else
  // Its one entry is written again by the next call.
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  const protoent* found = getprotobyname(name.c_str());
  return found ? found->p_proto : Missing(0);
#endif
}

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
  return LookUp(environment, done, [name = name.Text()] { return FindProtocol(name); });
}

// getservbyname(3)
napi_value Getservbyname(Environment& environment, Bytes name, Bytes protocol, Callback done) {
  return LookUp(environment, done, [name = name.Text(), protocol = protocol.OptionalText()] {
    Scratch scratch;
    servent entry;
    servent* found = nullptr;
    const int error = scratch.Fill([&](char* memory, size_t size) {
      return getservbyname_r(name.c_str(), protocol ? protocol->c_str() : nullptr, &entry, memory,
                             size, &found);
    });
    return found ? ntohs(static_cast<uint16_t>(found->s_port)) : Missing(error);
  });
}

// getservbyport(3): a name, or a negative errno.
napi_value Getservbyport(Environment& environment, int port, Bytes protocol, Callback done) {
  return LookUp(environment, done, [port, protocol = protocol.OptionalText()] {
    Scratch scratch;
    servent entry;
    servent* found = nullptr;
    const int error = scratch.Fill([&](char* memory, size_t size) {
      return getservbyport_r(htons(static_cast<uint16_t>(port)),
                             protocol ? protocol->c_str() : nullptr, &entry, memory, size, &found);
    });
    return found ? ServiceName{0, found->s_name} : ServiceName{Missing(error), ""};
  });
}

}  // namespace bsd_sockets
