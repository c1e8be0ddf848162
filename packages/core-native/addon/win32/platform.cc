#include "platform.h"

#include <cerrno>

#include "win32/winsock.h"

namespace bsd_sockets {

namespace {

// The thread of this process that was made first.
DWORD FirstThread() {
  const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  if (snapshot == INVALID_HANDLE_VALUE) return GetCurrentThreadId();
  DWORD first = 0;
  ULONGLONG earliest = UINT64_MAX;
  THREADENTRY32 entry = {};
  entry.dwSize = sizeof(entry);
  for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry)) {
    if (entry.th32OwnerProcessID != GetCurrentProcessId()) continue;
    const HANDLE thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, entry.th32ThreadID);
    FILETIME born;
    FILETIME other;
    if (thread && GetThreadTimes(thread, &born, &other, &other, &other)) {
      const ULONGLONG time = ULONGLONG{born.dwHighDateTime} << 32 | born.dwLowDateTime;
      if (time < earliest) first = entry.th32ThreadID;
      if (time < earliest) earliest = time;
    }
    if (thread) CloseHandle(thread);
  }
  CloseHandle(snapshot);
  return first;
}

}  // namespace

bool OnMainThread() {
  static const DWORD first = FirstThread();
  return GetCurrentThreadId() == first;
}

void CloseDescriptor(Descriptor fd) { closesocket(SocketOf(fd)); }

int64_t Now() {
  static const int64_t frequency = [] {
    LARGE_INTEGER found;
    QueryPerformanceFrequency(&found);
    return found.QuadPart;
  }();
  LARGE_INTEGER now;
  QueryPerformanceCounter(&now);
  return now.QuadPart / frequency * kSecond + now.QuadPart % frequency * kSecond / frequency;
}

const int kWouldBlock = WSAEWOULDBLOCK;
const int kInterrupted = EINTR;
const int kConnecting = WSAEWOULDBLOCK;

int LastError() { return ErrnoOf(WSAGetLastError()); }

int ErrnoOf(int error) {
  switch (error) {
    case WSAEINTR:
    case WSAEBADF:
    case WSAEACCES:
    case WSAEFAULT:
    case WSAEINVAL:
    case WSAEMFILE:
      return error - WSABASEERR;
    // What the kernel says is now and then not translated.
    case ERROR_INVALID_HANDLE:
      return WSAENOTSOCK;
    case ERROR_NETNAME_DELETED:
    case ERROR_PORT_UNREACHABLE:
      return WSAECONNRESET;
    default:
      return error;
  }
}

int64_t Failure() { return -ErrnoOf(WSAGetLastError()); }

int64_t Adopt(SOCKET socket) {
  if (socket == INVALID_SOCKET) return Failure();
  u_long on = 1;
  if (socket > INT32_MAX || ioctlsocket(socket, FIONBIO, &on) != 0) {
    const int64_t failure = socket > INT32_MAX ? -EMFILE : Failure();
    closesocket(socket);
    return failure;
  }
  SetHandleInformation(reinterpret_cast<HANDLE>(socket), HANDLE_FLAG_INHERIT, 0);
  return static_cast<int64_t>(socket);
}

int IntegerOption(Descriptor fd, int level, int option) {
  int value = 0;
  int length = sizeof(value);
  const int result =
      getsockopt(SocketOf(fd), level, option, reinterpret_cast<char*>(&value), &length);
  return result == 0 ? value : -1;
}

}  // namespace bsd_sockets
