#include "posix/databases.h"

#include <arpa/inet.h>
#include <napi.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
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

struct Host {
  int failure = NETDB_SUCCESS;  // an h_errno
  int error = 0;                // the errno behind NETDB_INTERNAL
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
    if (host.failure == NETDB_SUCCESS) host.failure = HOST_NOT_FOUND;
    return host;
  }
  host.failure = NETDB_SUCCESS;
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
  if (host.failure != NETDB_SUCCESS) {
    environment.block().error = host.error;
    return Napi::Number::New(env, host.failure);
  }
  Napi::Array entry = Napi::Array::New(env, 3);
  entry[0u] = Napi::String::New(env, host.name);
  entry[1u] = List(env, host.aliases);
  entry[2u] = List(env, host.addresses);
  return entry;
}

}  // namespace

// gethostbyname(3)
napi_value Gethostbyname(Environment& environment, Bytes name) {
  return Write(environment, FindHostByName(name.Text()));
}

// gethostbyaddr(3)
napi_value Gethostbyaddr(Environment& environment, Bytes sockaddr) {
  sockaddr_storage address = {};
  std::memcpy(&address, sockaddr.data, std::min(sockaddr.length, sizeof address));
  return Write(environment, FindHostByAddress(address));
}

// getprotobyname(3)
int64_t Getprotobyname(Environment&, Bytes name) {
  Scratch scratch;
  protoent entry;
  protoent* found = nullptr;
  const std::string text = name.Text();
  const int error = scratch.Fill([&](char* memory, size_t size) {
    return getprotobyname_r(text.c_str(), &entry, memory, size, &found);
  });
  if (found) return found->p_proto;
  return error ? -error : -ENOENT;
}

// getservbyname(3)
int64_t Getservbyname(Environment&, Bytes name, Bytes protocol) {
  Scratch scratch;
  servent entry;
  servent* found = nullptr;
  const std::string text = name.Text();
  const std::string protocol_text = protocol.Text();
  const int error = scratch.Fill([&](char* memory, size_t size) {
    return getservbyname_r(text.c_str(), protocol.data ? protocol_text.c_str() : nullptr, &entry,
                           memory, size, &found);
  });
  if (found) return ntohs(static_cast<uint16_t>(found->s_port));
  return error ? -error : -ENOENT;
}

// getservbyport(3): a name, or a negative errno.
napi_value Getservbyport(Environment& environment, int port, Bytes protocol) {
  Scratch scratch;
  servent entry;
  servent* found = nullptr;
  const std::string protocol_text = protocol.Text();
  const int error = scratch.Fill([&](char* memory, size_t size) {
    return getservbyport_r(htons(static_cast<uint16_t>(port)),
                           protocol.data ? protocol_text.c_str() : nullptr, &entry, memory, size,
                           &found);
  });
  const Napi::Env env(environment.env());
  if (found) return Napi::String::New(env, found->s_name);
  return Napi::Number::New(env, error ? -error : -ENOENT);
}

}  // namespace bsd_sockets
