#include "posix/hostname.h"

#include <napi.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace bsd_sockets {

// gethostname(2): the name's bytes, or a negative errno.
napi_value Gethostname(Environment& environment) {
  const Napi::Env env(environment.env());
  // A name that is cut short may be without its NUL.
  char name[1025] = "";
  if (gethostname(name, sizeof name - 1) < 0) return Napi::Number::New(env, -errno);
  return Napi::Buffer<char>::Copy(env, name, strlen(name));
}

// sethostname(2)
int64_t Sethostname(Environment&, Bytes name) {
  const std::string text = name.Text();
  return sethostname(text.data(), text.size()) < 0 ? -errno : 0;
}

}  // namespace bsd_sockets
