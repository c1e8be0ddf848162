#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "environment.h"

// A binding is a plain function `int64_t Name(Environment&, arguments…)` over numbers and bytes
// that returns a result of at least 0 or a negative errno; Binding<Name> makes it a JavaScript
// function. It throws only on a programming error: an argument of a wrong kind. The bindings of
// the send and receive path return theirs as Stored.

namespace bsd_sockets {

// A result in the call block, where it costs less than a value of JavaScript.
struct Stored {
  int64_t result;
};

inline bool Read(napi_env env, napi_value value, int32_t* out) {
  return napi_get_value_int32(env, value, out) == napi_ok;
}

inline bool Read(napi_env env, napi_value value, double* out) {
  return napi_get_value_double(env, value, out) == napi_ok;
}

inline bool Read(napi_env env, napi_value value, Bytes* out) {
  napi_typedarray_type type;
  void* data;
  // Whose buffer was asked for stays where it is: an engine may move the bytes of others.
  napi_value buffer;
  if (napi_get_typedarray_info(env, value, &type, &out->length, &data, &buffer, nullptr) ==
      napi_ok) {
    // An empty array has no address of its own, and null would mean "not given".
    static uint8_t nothing;
    out->data = out->length > 0 ? static_cast<uint8_t*>(data) : &nothing;
    return type == napi_uint8_array;
  }
  napi_valuetype kind;
  return napi_typeof(env, value, &kind) == napi_ok && (kind == napi_null || kind == napi_undefined);
}

inline bool Read(napi_env, napi_value value, napi_value* out) {
  *out = value;
  return true;
}

inline napi_value Write(Environment& environment, int64_t result) {
  const napi_env env = environment.env();
  napi_value value = nullptr;
  // A small integer is made without a look at the heap.
  if (result == static_cast<int32_t>(result)) {
    napi_create_int32(env, static_cast<int32_t>(result), &value);
  } else {
    napi_create_int64(env, result, &value);
  }
  return value;
}

inline napi_value Write(Environment&, napi_value value) { return value; }

inline napi_value Write(Environment& environment, Stored stored) {
  environment.block().result = static_cast<int32_t>(stored.result);
  return nullptr;
}

template <auto Function, typename Result, typename... Arguments, size_t... Index>
napi_value Invoke(napi_env env, napi_callback_info info, Result (*)(Environment&, Arguments...),
                  std::index_sequence<Index...>) {
  [[maybe_unused]] napi_value values[sizeof...(Arguments) + 1];
  if constexpr (sizeof...(Arguments) > 0) {
    size_t count = sizeof...(Arguments);
    if (napi_get_cb_info(env, info, &count, values, nullptr, nullptr) != napi_ok) return nullptr;
  }
  std::tuple<std::decay_t<Arguments>...> arguments;
  size_t wrong = 0;
  const bool right =
      (true && ... &&
       (Read(env, values[Index], &std::get<Index>(arguments)) || (wrong = Index + 1) == 0));
  if (!right) {
    const std::string message =
        "core-native: argument " + std::to_string(wrong) + " is of a wrong type";
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message.c_str());
    return nullptr;
  }
  auto& environment = Environment::Of(env);
  return Write(environment, Function(environment, std::get<Index>(arguments)...));
}

template <typename Result, typename... Arguments>
constexpr auto Indices(Result (*)(Environment&, Arguments...)) {
  return std::index_sequence_for<Arguments...>{};
}

template <auto Function>
napi_value Binding(napi_env env, napi_callback_info info) {
  return Invoke<Function>(env, info, Function, Indices(Function));
}

}  // namespace bsd_sockets
