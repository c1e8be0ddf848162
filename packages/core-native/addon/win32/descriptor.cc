#include "win32/descriptor.h"

#include <napi.h>

#include <cerrno>

#include "integral.h"
#include "win32/watch.h"

namespace bsd_sockets {

namespace {

// WSADuplicateSocket: what another process, or this one, makes a descriptor of.
int64_t Describe(Descriptor fd, DWORD process, WSAPROTOCOL_INFOW* info) {
  if (WSADuplicateSocketW(SocketOf(fd), process, info) != 0) return Failure();
  NoteDuplicate(fd);
  return 0;
}

int64_t Open(Environment& environment, WSAPROTOCOL_INFOW* info) {
  constexpr int told = FROM_PROTOCOL_INFO;
  const int64_t fd = Adopt(
      WSASocketW(told, told, told, info, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
  if (fd < 0) return fd;
  NoteDuplicate(static_cast<Descriptor>(fd));
  return environment.Own(static_cast<Descriptor>(fd));
}

bool IsSocket(int fd) { return IntegerOption(fd, SOL_SOCKET, SO_TYPE) >= 0; }

}  // namespace

int64_t Own(Environment& environment, int fd) {
  u_long on = 1;
  if (ioctlsocket(SocketOf(fd), FIONBIO, &on) != 0) return Failure();
  DWORD flags = 0;
  // Who started this program may have it too.
  if (GetHandleInformation(reinterpret_cast<HANDLE>(SocketOf(fd)), &flags) &&
      flags & HANDLE_FLAG_INHERIT) {
    NoteDuplicate(fd);
  }
  return environment.Own(fd);
}

int64_t Disown(Environment& environment, int fd) {
  environment.Disown(fd);
  return 0;
}

int64_t Duplicate(Environment& environment, int fd) {
  WSAPROTOCOL_INFOW info;
  const int64_t failure = Describe(fd, GetCurrentProcessId(), &info);
  return failure < 0 ? failure : Open(environment, &info);
}

napi_value Share(Environment& environment, int fd, double process) {
  const Napi::Env env(environment.env());
  WSAPROTOCOL_INFOW info = {};
  const int64_t failure = Describe(fd, Integral<DWORD>(process), &info);
  if (failure < 0) return Napi::Number::New(env, static_cast<double>(failure));
  return Napi::Buffer<char>::Copy(env, reinterpret_cast<const char*>(&info), sizeof(info));
}

int64_t FromShare(Environment& environment, Bytes info) {
  WSAPROTOCOL_INFOW told;
  if (info.length != sizeof(told)) return -EINVAL;
  info.CopyTo(&told, sizeof(told));
  return Open(environment, &told);
}

int64_t Close(Environment& environment, int fd) {
  environment.Disown(fd);
  ForgetDuplicate(fd);
  return closesocket(SocketOf(fd)) != 0 ? Failure() : 0;
}

// The mode is the caller's alone.
int64_t SetNonblocking(Environment&, int fd, int) { return IsSocket(fd) ? 0 : Failure(); }

int64_t GetInheritable(Environment&, int fd) {
  DWORD flags = 0;
  // -1 is the handle of this process.
  if (!IsSocket(fd)) return Failure();
  if (!GetHandleInformation(reinterpret_cast<HANDLE>(SocketOf(fd)), &flags)) return -EBADF;
  return flags & HANDLE_FLAG_INHERIT ? 1 : 0;
}

int64_t SetInheritable(Environment&, int fd, int on) {
  if (!IsSocket(fd)) return Failure();
  if (!SetHandleInformation(reinterpret_cast<HANDLE>(SocketOf(fd)), HANDLE_FLAG_INHERIT,
                            on ? HANDLE_FLAG_INHERIT : 0)) {
    return -EBADF;
  }
  if (on) NoteDuplicate(fd);
  return 0;
}

}  // namespace bsd_sockets
