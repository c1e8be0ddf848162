#include <napi.h>

#include <cstdlib>
#include <memory>

#include "binding.h"
#include "constants.h"
#include "environment.h"
#include "linux/packet_ring.h"
#include "linux/sock_fprog.h"
#include "lookup.h"
#include "posix/batch.h"
#include "posix/databases.h"
#include "posix/descriptor.h"
#include "posix/hostname.h"
#include "posix/interfaces.h"
#include "posix/ioctl.h"
#include "posix/message.h"
#include "posix/poll.h"
#include "posix/resolver.h"
#include "posix/sendfile.h"
#include "posix/socket.h"
#include "posix/strerror.h"
#include "posix/transfer.h"
#include "readiness.h"

// The module's exports: `native.ts` has their types.

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

  const auto bind = [&](const char* name, napi_callback callback) {
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) ==
        napi_ok) {
      exports[name] = Napi::Value(env, function);
    }
  };
  bind("accept", Binding<Accept>);
  bind("bind", Binding<Bind>);
  bind("cancelLookup", Binding<CancelLookup>);
  bind("close", Binding<Close>);
  bind("connect", Binding<Connect>);
  bind("disown", Binding<Disown>);
  bind("dup", Binding<Duplicate>);
  bind("gaiStrerror", Binding<GaiStrerror>);
  bind("getInheritable", Binding<GetInheritable>);
  bind("getaddrinfo", Binding<Getaddrinfo>);
  bind("gethostbyaddr", Binding<Gethostbyaddr>);
  bind("gethostbyname", Binding<Gethostbyname>);
  bind("gethostname", Binding<Gethostname>);
  bind("getnameinfo", Binding<Getnameinfo>);
  bind("getpeername", Binding<Getpeername>);
  bind("getprotobyname", Binding<Getprotobyname>);
  bind("getservbyname", Binding<Getservbyname>);
  bind("getservbyport", Binding<Getservbyport>);
  bind("getsockname", Binding<Getsockname>);
  bind("getsockopt", Binding<Getsockopt>);
  bind("hstrerror", Binding<Hstrerror>);
  bind("ifIndextoname", Binding<IfIndextoname>);
  bind("ifNameindex", Binding<IfNameindex>);
  bind("ifNametoindex", Binding<IfNametoindex>);
  bind("ioctl", Binding<Ioctl>);
  bind("keepAlive", Binding<KeepAlive>);
  bind("listen", Binding<Listen>);
  bind("mapRing", Binding<MapRing>);
  bind("openReadiness", Binding<OpenReadiness>);
  bind("own", Binding<Own>);
  bind("poll", Binding<Poll>);
  bind("receive", Binding<Receive>);
  bind("receiveKnown", Binding<ReceiveKnown>);
  bind("recvmmsg", Binding<ReceiveBatch>);
  bind("recvmmsgByOnes", Binding<ReceiveBatchByOnes>);
  bind("recvmsg", Binding<ReceiveMessage>);
  bind("seek", Binding<Seek>);
  bind("send", Binding<Send>);
  bind("sendKnown", Binding<SendKnown>);
  bind("sendall", Binding<SendAll>);
  bind("sendallKnown", Binding<SendAllKnown>);
  bind("sendfile", Binding<Sendfile>);
  bind("sendmmsg", Binding<SendBatch>);
  bind("sendmmsgByOnes", Binding<SendBatchByOnes>);
  bind("sendmsg", Binding<SendMessage>);
  bind("setBusyPoll", Binding<SetBusyPoll>);
  bind("setFilter", Binding<SetFilter>);
  bind("setInheritable", Binding<SetInheritable>);
  bind("setNonblocking", Binding<SetNonblocking>);
  bind("sethostname", Binding<Sethostname>);
  bind("setsockopt", Binding<Setsockopt>);
  bind("shutdown", Binding<Shutdown>);
  bind("socket", Binding<Socket>);
  bind("socketpair", Binding<SocketPair>);
  bind("strerror", Binding<Strerror>);
  bind("takeBlock", Binding<TakeBlock>);
  bind("unmapRing", Binding<UnmapRing>);
  bind("unwatch", Binding<Unwatch>);
  bind("waitForBlock", Binding<WaitForBlock>);
  bind("watch", Binding<Watch>);

  exports["abiConstants"] = AbiConstants(env);
  exports["callBlock"] = Napi::Value(env, environment->BlockBuffer());
  exports["constants"] = ConstantsTable(env);
  exports["errnos"] = ErrnoTable(env);
  exports["interruptible"] = Napi::Boolean::New(env, environment->interruptible());
  return exports;
}

}  // namespace

}  // namespace bsd_sockets

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) {
  return bsd_sockets::Init(env, exports);
}

NODE_API_MODULE(core_native, InitModule)
