#include "posix/strerror.h"

#include <napi.h>
#include <netdb.h>

#include <system_error>

namespace bsd_sockets {

napi_value Strerror(Environment& environment, int error) {
  // Unlike strerror(3), this may run in several threads at once.
  return Napi::String::New(environment.env(), std::system_category().message(error));
}

napi_value GaiStrerror(Environment& environment, int code) {
  return Napi::String::New(environment.env(), gai_strerror(code));
}

napi_value Hstrerror(Environment& environment, int code) {
  return Napi::String::New(environment.env(), hstrerror(code));
}

}  // namespace bsd_sockets
