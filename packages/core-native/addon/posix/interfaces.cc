#include "posix/interfaces.h"

#include <napi.h>
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "integral.h"
#include "posix/system.h"

namespace bsd_sockets {

namespace {

// Bytes, for a name need not be UTF-8.
Napi::Value Name(Napi::Env env, const char* name) {
  return Napi::Buffer<char>::Copy(env, name, strlen(name));
}

}  // namespace

// if_nameindex(3): an array of [index, name], or a negative errno.
napi_value IfNameindex(Environment& environment) {
  const Napi::Env env(environment.env());
  const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> interfaces(
      if_nameindex(), if_freenameindex);
  if (!interfaces) return Napi::Number::New(env, -errno);
  Napi::Array list = Napi::Array::New(env);
  for (const struct if_nameindex* entry = interfaces.get(); entry->if_name; ++entry) {
    Napi::Array row = Napi::Array::New(env, 2);
    row[0u] = Napi::Number::New(env, entry->if_index);
    row[1u] = Name(env, entry->if_name);
    list[list.Length()] = row;
  }
  return list;
}

// if_nametoindex(3)
int64_t IfNametoindex(Environment&, Bytes name) {
  const unsigned index = InterfaceIndex(name.Text().c_str());
  return index == 0 ? -errno : static_cast<int64_t>(index);
}

// if_indextoname(3): a name, or a negative errno.
napi_value IfIndextoname(Environment& environment, double index) {
  const Napi::Env env(environment.env());
  char name[IF_NAMESIZE];
  if (!if_indextoname(Integral<unsigned>(index), name)) return Napi::Number::New(env, -errno);
  return Name(env, name);
}

}  // namespace bsd_sockets
