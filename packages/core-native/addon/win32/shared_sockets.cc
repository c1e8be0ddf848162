#include "win32/shared_sockets.h"

#include <algorithm>

#include "win32/polls.h"
#include "win32/wait.h"
#include "win32/watch.h"

namespace bsd_sockets {

namespace {

SOCKET OpenBell() {
  const SOCKET bell = WSASocketW(AF_INET, SOCK_DGRAM, 0, nullptr, 0,
                                 WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  int length = sizeof(address);
  u_long on = 1;
  if (bind(bell, name, length) == 0 && getsockname(bell, name, &length) == 0 &&
      connect(bell, name, length) == 0 && ioctlsocket(bell, FIONBIO, &on) == 0) {
    return bell;
  }
  closesocket(bell);
  return INVALID_SOCKET;
}

}  // namespace

// It lives as long as the process: its thread does.
SharedSockets& SharedSockets::Get() {
  static SharedSockets& sockets = *new SharedSockets;
  return sockets;
}

bool SharedSockets::Join(Polls& set, Descriptor fd) {
  const auto lock = Lock();
  auto& watchers = watchers_[fd];
  for (Polls* other : watchers) other->MoveLater(fd);
  watchers.push_back(&set);
  return watchers.size() > 1 || duplicated_.count(fd) > 0;
}

void SharedSockets::Leave(Polls& set, Descriptor fd) {
  const auto lock = Lock();
  if (const auto found = watchers_.find(fd); found != watchers_.end()) {
    auto& watchers = found->second;
    watchers.erase(std::remove(watchers.begin(), watchers.end(), &set), watchers.end());
    if (watchers.empty()) watchers_.erase(found);
  }
  const auto same = [&](const Awaited& awaited) {
    return awaited.set == &set && awaited.event.fd == fd;
  };
  const auto end = std::remove_if(awaited_.begin(), awaited_.end(), same);
  if (end == awaited_.end()) return;
  awaited_.erase(end, awaited_.end());
  Wake();
}

void SharedSockets::Arm(Polls& set, ReadyEvent event) {
  const auto lock = Lock();
  if (bell_ == INVALID_SOCKET) Start();
  const auto same = [&](const Awaited& awaited) {
    return awaited.set == &set && awaited.event.fd == event.fd;
  };
  const auto found = std::find_if(awaited_.begin(), awaited_.end(), same);
  if (found == awaited_.end()) {
    awaited_.push_back({&set, event});
  } else {
    found->event = event;
  }
  Wake();
}

void SharedSockets::NoteDuplicate(Descriptor fd) {
  const auto lock = Lock();
  if (!duplicated_.insert(fd).second) return;
  const auto found = watchers_.find(fd);
  if (found == watchers_.end()) return;
  for (Polls* watcher : found->second) watcher->MoveLater(fd);
}

void SharedSockets::ForgetDuplicate(Descriptor fd) {
  const auto lock = Lock();
  duplicated_.erase(fd);
}

void SharedSockets::Start() {
  bell_ = OpenBell();
  // Node unloads an addon with the last of its environments, and the thread would lose its code.
  HMODULE module;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     reinterpret_cast<LPCWSTR>(&OpenBell), &module);
  const HANDLE thread = CreateThread(
      nullptr, 0, [](void* sockets) -> DWORD { static_cast<SharedSockets*>(sockets)->Run(); }, this,
      0, nullptr);
  if (thread) ::CloseHandle(thread);
}

void SharedSockets::Wake() { send(bell_, "", 1, 0); }

void SharedSockets::Run() {
  std::vector<WSAPOLLFD> entries;
  std::vector<Awaited> asked;
  for (;;) {
    {
      const auto lock = Lock();
      asked = awaited_;
      entries.assign(1, {bell_, POLLIN, 0});
    }
    for (const Awaited& awaited : asked) {
      entries.push_back({SocketOf(awaited.event.fd), PollEvents(awaited.event.ready), 0});
    }
    if (WSAPoll(entries.data(), static_cast<ULONG>(entries.size()), -1) < 0) {
      // A socket was closed behind our back: it is told of with the next one.
      Sleep(1);
    }
    char rung[64];
    while (recv(entries[0].fd, rung, sizeof(rung), 0) > 0) {
    }
    const auto lock = Lock();
    for (size_t index = 0; index < asked.size(); index++) {
      const auto& [set, event] = asked[index];
      const int ready = ReadyOf(entries[index + 1].revents);
      if (ready == 0) continue;
      const auto same = [&, set = set, event = event](const Awaited& awaited) {
        return awaited.set == set && awaited.event.fd == event.fd &&
               awaited.event.generation == event.generation;
      };
      const auto found = std::find_if(awaited_.begin(), awaited_.end(), same);
      // Nobody waits for it any more, or it is told what else it waits for.
      if (found == awaited_.end()) continue;
      awaited_.erase(found);
      set->TellLater({event.fd, event.generation, ready});
    }
  }
}

void NoteDuplicate(Descriptor fd) { SharedSockets::Get().NoteDuplicate(fd); }
void ForgetDuplicate(Descriptor fd) { SharedSockets::Get().ForgetDuplicate(fd); }

}  // namespace bsd_sockets
