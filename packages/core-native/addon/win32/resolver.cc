#include "win32/resolver.h"

#include <napi.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "win32/text.h"
#include "win32/winsock.h"

namespace bsd_sockets {

namespace {

struct AddressList {
  int code = 0;  // EAI_*
  std::unique_ptr<addrinfoW, decltype(&FreeAddrInfoW)> first{nullptr, FreeAddrInfoW};
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

napi_value Failure(Environment& environment, int code) {
  environment.block().error = 0;
  return Napi::Number::New(environment.env(), code);
}

napi_value Write(Environment& environment, const AddressList& found) {
  if (found.code != 0) return Failure(environment, found.code);
  // One buffer for all, since each value of JavaScript takes longer to make than an address to
  // find.
  std::string packed;
  for (const addrinfoW* entry = found.first.get(); entry; entry = entry->ai_next) {
    AddressRecord record = {};
    record.family = entry->ai_family;
    record.type = entry->ai_socktype;
    record.protocol = entry->ai_protocol;
    record.more = entry->ai_next ? 1 : 0;
    record.length = static_cast<int32_t>(std::min(entry->ai_addrlen, sizeof(record.address)));
    memcpy(record.address, entry->ai_addr, static_cast<size_t>(record.length));
    packed.append(reinterpret_cast<const char*>(&record), sizeof(record));
  }
  // Only the first entry has a canonical name.
  if (found.first && found.first->ai_canonname) packed += Narrow(found.first->ai_canonname);
  return Napi::Buffer<char>::Copy(environment.env(), packed.data(), packed.size());
}

struct Name {
  int code = 0;  // EAI_*
  wchar_t host[NI_MAXHOST] = L"";
  wchar_t service[NI_MAXSERV] = L"";
};

napi_value Write(Environment& environment, const Name& name) {
  if (name.code != 0) return Failure(environment, name.code);
  const Napi::Env env(environment.env());
  Napi::Array pair = Napi::Array::New(env, 2);
  pair[0u] = Napi::String::New(env, Narrow(name.host));
  pair[1u] = Napi::String::New(env, Narrow(name.service));
  return pair;
}

struct Host {
  int failure = 0;
  std::string name;
  std::vector<std::string> aliases;
  std::vector<std::string> addresses;
};

// What Winsock found is a thread's own, until its next lookup.
Host HostOf(const hostent* found) {
  Host host;
  if (!found) {
    host.failure = WSAGetLastError();
    return host;
  }
  host.name = found->h_name;
  for (char** alias = found->h_aliases; *alias; ++alias) host.aliases.emplace_back(*alias);
  for (char** address = found->h_addr_list; *address; ++address) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(found->h_addrtype, *address, text, sizeof(text));
    host.addresses.emplace_back(text);
  }
  return host;
}

Host FindHostByAddress(const sockaddr_storage& address) {
  const bool is_inet6 = address.ss_family == AF_INET6;
  const void* bytes =
      is_inet6 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
               : &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  const int length = is_inet6 ? sizeof(in6_addr) : sizeof(in_addr);
  return HostOf(gethostbyaddr(static_cast<const char*>(bytes), length, address.ss_family));
}

Napi::Array List(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array list = Napi::Array::New(env, texts.size());
  for (size_t index = 0; index < texts.size(); ++index) {
    list[static_cast<uint32_t>(index)] = Napi::String::New(env, texts[index]);
  }
  return list;
}

napi_value Write(Environment& environment, const Host& host) {
  if (host.failure != 0) return Failure(environment, host.failure);
  const Napi::Env env(environment.env());
  Napi::Array entry = Napi::Array::New(env, 3);
  entry[0u] = Napi::String::New(env, host.name);
  entry[1u] = List(env, host.aliases);
  entry[2u] = List(env, host.addresses);
  return entry;
}

struct ServiceName {
  bool found = false;
  std::string text;
};

napi_value Write(Environment& environment, const ServiceName& name) {
  const Napi::Env env(environment.env());
  if (!name.found) return Napi::Number::New(env, -ENOENT);
  return Napi::String::New(env, name.text);
}

const char* Pointer(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

}  // namespace

// An AddressRecord of each address and the canonical name behind the last, or an EAI_* code.
napi_value Getaddrinfo(Environment& environment, Bytes host, Bytes service, int family, int type,
                       int protocol, int flags, Callback done) {
  addrinfoW hints = {};
  hints.ai_family = family;
  hints.ai_socktype = type;
  hints.ai_protocol = protocol;
  hints.ai_flags = flags;
  return LookUp(
      environment, done, [host = host.OptionalText(), service = service.OptionalText(), hints] {
        AddressList list;
        addrinfoW* found = nullptr;
        list.code = GetAddrInfoW(host ? Wide(*host).c_str() : nullptr,
                                 service ? Wide(*service).c_str() : nullptr, &hints, &found);
        if (list.code == 0) list.first.reset(found);
        return list;
      });
}

// An array [host, service], or an EAI_* code.
napi_value Getnameinfo(Environment& environment, Bytes sockaddr, int flags, Callback done) {
  sockaddr_storage address = {};
  const size_t length = sockaddr.CopyTo(&address, sizeof(address));
  return LookUp(environment, done, [address, length, flags] {
    Name name;
    name.code = GetNameInfoW(reinterpret_cast<const struct sockaddr*>(&address),
                             static_cast<socklen_t>(length), name.host, NI_MAXHOST, name.service,
                             NI_MAXSERV, flags);
    return name;
  });
}

napi_value Gethostbyname(Environment& environment, Bytes name, Callback done) {
  return LookUp(environment, done,
                [name = name.Text()] { return HostOf(gethostbyname(name.c_str())); });
}

napi_value Gethostbyaddr(Environment& environment, Bytes sockaddr, Callback done) {
  sockaddr_storage address = {};
  sockaddr.CopyTo(&address, sizeof(address));
  return LookUp(environment, done, [address] { return FindHostByAddress(address); });
}

napi_value Getprotobyname(Environment& environment, Bytes name, Callback done) {
  return LookUp(environment, done, [name = name.Text()] {
    const protoent* found = getprotobyname(name.c_str());
    return int64_t{found ? found->p_proto : -ENOENT};
  });
}

napi_value Getservbyname(Environment& environment, Bytes name, Bytes protocol, Callback done) {
  return LookUp(environment, done, [name = name.Text(), protocol = protocol.OptionalText()] {
    const servent* found = getservbyname(name.c_str(), Pointer(protocol));
    return int64_t{found ? ntohs(static_cast<uint16_t>(found->s_port)) : -ENOENT};
  });
}

napi_value Getservbyport(Environment& environment, int port, Bytes protocol, Callback done) {
  return LookUp(environment, done, [port, protocol = protocol.OptionalText()] {
    const servent* found = getservbyport(htons(static_cast<uint16_t>(port)), Pointer(protocol));
    return found ? ServiceName{true, found->s_name} : ServiceName{};
  });
}

}  // namespace bsd_sockets
