#include <napi.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "binding.h"
#include "bindings.h"
#include "constants.h"
#include "environment.h"
#include "layout.h"
#include "lookup.h"
#include "platform.h"
#include "readiness.h"

// The module's exports: `bindings.ts` has their types.

namespace bsd_sockets {

namespace {

Napi::Object ConstantsTable(Napi::Env env) {
  Napi::Object table = Napi::Object::New(env);
  for (const Constant& constant : Constants()) {
    table[constant.name] = Napi::Number::New(env, static_cast<double>(constant.value));
  }
  return table;
}

Napi::Object ErrnoTable(Napi::Env env) {
  Napi::Object table = Napi::Object::New(env);
  for (const Errno& entry : Errnos()) table[entry.name] = Napi::Number::New(env, entry.value);
  return table;
}

Napi::Array AbiConstants(Napi::Env env) {
  Napi::Array names = Napi::Array::New(env);
  for (const Constant& constant : Constants()) {
    if (constant.from_abi) names[names.Length()] = Napi::String::New(env, constant.name);
  }
  return names;
}

Napi::Object LayoutTable(Napi::Env env) {
  const auto number = [&](size_t value) {
    return Napi::Number::New(env, static_cast<double>(value));
  };
  Napi::Object table = Napi::Object::New(env);
  for (const StructLayout& layout : Layouts()) {
    Napi::Object structure = Napi::Object::New(env);
    structure["size"] = number(layout.size);
    structure["alignment"] = number(layout.alignment);
    for (const FieldLayout& field : layout.fields) {
      Napi::Object place = Napi::Object::New(env);
      place["offset"] = number(field.offset);
      place["size"] = number(field.size);
      structure[field.name] = place;
    }
    table[layout.name] = structure;
  }
  return table;
}

constexpr const char* kNames[] = {
    "acknowledgeReadiness",
    "accept",
    "bind",
    "cancelLookup",
    "changeSelector",
    "close",
    "closeReadiness",
    "connect",
    "disown",
    "dup",
    "finishConnect",
    "fromShare",
    "gaiStrerror",
    "getFamily",
    "getInheritable",
    "getProtocol",
    "getaddrinfo",
    "gethostbyaddr",
    "gethostbyname",
    "gethostname",
    "getnameinfo",
    "getpeername",
    "getprotobyname",
    "getservbyname",
    "getservbyport",
    "getsockname",
    "getsockopt",
    "hstrerror",
    "ifIndextoname",
    "ifNameindex",
    "ifNametoindex",
    "ioctl",
    "ioctlNumber",
    "ioctlSize",
    "keepAlive",
    "listen",
    "mapRing",
    "monotonicTime",
    "openReadiness",
    "openSelector",
    "own",
    "poll",
    "receive",
    "receiveKnown",
    "recvmmsg",
    "recvmmsgByOnes",
    "recvmsg",
    "recvRights",
    "seek",
    "send",
    "sendKnown",
    "sendall",
    "sendallKnown",
    "sendfile",
    "sendmmsg",
    "sendmmsgByOnes",
    "sendmsg",
    "sendRights",
    "setBusyPoll",
    "setFilter",
    "setInheritable",
    "setNonblocking",
    "sethostname",
    "setsockopt",
    "share",
    "shutdown",
    "socket",
    "socketpair",
    "strerror",
    "takeBlock",
    "takeSignal",
    "unmapRing",
    "unwatch",
    "unwatchSignal",
    "waitForBlock",
    "waitSelector",
    "watch",
    "watchSignal",
};

// What a platform does not have.
int64_t NotSupported(Environment& environment) {
  environment.block().result = -ENOSYS;
  return -ENOSYS;
}

// The clock of deadlines, in microseconds.
int64_t MonotonicTime(Environment&) { return Now() / 1000; }

Bindings AllBindings() {
  Bindings bindings;
  for (const char* name : kNames) bindings[name] = Binding<NotSupported>;
  bindings["acknowledgeReadiness"] = Binding<AcknowledgeReadiness>;
  bindings["cancelLookup"] = Binding<CancelLookup>;
  bindings["closeReadiness"] = Binding<CloseReadiness>;
  bindings["keepAlive"] = Binding<KeepAlive>;
  bindings["monotonicTime"] = Binding<MonotonicTime>;
  bindings["openReadiness"] = Binding<OpenReadiness>;
  bindings["setBusyPoll"] = Binding<SetBusyPoll>;
  bindings["unwatch"] = Binding<Unwatch>;
  bindings["watch"] = Binding<Watch>;
  AddPlatformBindings(bindings);
  return bindings;
}

// Lets glibc keep freed memory for the next receive, as it does of itself once a program has freed
// a block of this size: otherwise it may give that of each large receive back to the kernel, and
// every page of the next is a fault.
void KeepFreedMemory() {
  void* volatile block = malloc(size_t{16} << 20);
  free(block);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  KeepFreedMemory();
  auto* environment = new Environment(env);
  // Deletes it when the environment ends.
  env.SetInstanceData(environment);

  for (const auto& [name, callback] : AllBindings()) {
    napi_value function;
    if (napi_create_function(env, name.data(), name.size(), callback, nullptr, &function) ==
        napi_ok) {
      exports[std::string(name)] = Napi::Value(env, function);
    }
  }

  const napi_value block = environment->BlockBuffer();
  if (!block) return exports;
  exports["abiConstants"] = AbiConstants(env);
  exports["callBlock"] = Napi::Value(env, block);
  exports["connecting"] = Napi::Number::New(env, kConnecting);
  exports["constants"] = ConstantsTable(env);
  exports["errnos"] = ErrnoTable(env);
  // A pointer has fewer bits than a double holds.
  exports["ffiEnvironment"] =
      Napi::Number::New(env, static_cast<double>(reinterpret_cast<uintptr_t>(environment)));
  exports["interruptible"] = Napi::Boolean::New(env, environment->interruptible());
  exports["layout"] = LayoutTable(env);
  return exports;
}

}  // namespace

}  // namespace bsd_sockets

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) {
  return bsd_sockets::Init(env, exports);
}

NODE_API_MODULE(core_native, InitModule)
