#include "bindings.h"

#include "binding.h"
#include "win32/descriptor.h"
#include "win32/machine.h"
#include "win32/message.h"
#include "win32/poll.h"
#include "win32/resolver.h"
#include "win32/socket.h"
#include "win32/transfer.h"
#include "win32/winsock.h"

namespace bsd_sockets {

void AddPlatformBindings(Bindings& bindings) {
  // Node has done so too, and whoever else may be in this process: it is counted.
  WSADATA version;
  WSAStartup(MAKEWORD(2, 2), &version);

  bindings["accept"] = Binding<Accept>;
  bindings["bind"] = Binding<Bind>;
  bindings["close"] = Binding<Close>;
  bindings["connect"] = Binding<Connect>;
  bindings["disown"] = Binding<Disown>;
  bindings["dup"] = Binding<Duplicate>;
  bindings["finishConnect"] = Binding<FinishConnect>;
  bindings["fromShare"] = Binding<FromShare>;
  bindings["gaiStrerror"] = Binding<GaiStrerror>;
  bindings["getFamily"] = Binding<GetFamily>;
  bindings["getInheritable"] = Binding<GetInheritable>;
  bindings["getProtocol"] = Binding<GetProtocol>;
  bindings["getaddrinfo"] = Binding<Getaddrinfo>;
  bindings["gethostbyaddr"] = Binding<Gethostbyaddr>;
  bindings["gethostbyname"] = Binding<Gethostbyname>;
  bindings["gethostname"] = Binding<Gethostname>;
  bindings["getnameinfo"] = Binding<Getnameinfo>;
  bindings["getpeername"] = Binding<Getpeername>;
  bindings["getprotobyname"] = Binding<Getprotobyname>;
  bindings["getservbyname"] = Binding<Getservbyname>;
  bindings["getservbyport"] = Binding<Getservbyport>;
  bindings["getsockname"] = Binding<Getsockname>;
  bindings["getsockopt"] = Binding<Getsockopt>;
  bindings["hstrerror"] = Binding<GaiStrerror>;
  bindings["ifIndextoname"] = Binding<IfIndextoname>;
  bindings["ifNameindex"] = Binding<IfNameindex>;
  bindings["ifNametoindex"] = Binding<IfNametoindex>;
  bindings["ioctl"] = Binding<Ioctl>;
  bindings["ioctlSize"] = Binding<IoctlSize>;
  bindings["listen"] = Binding<Listen>;
  bindings["own"] = Binding<Own>;
  bindings["poll"] = Binding<Poll>;
  bindings["receive"] = Binding<Receive>;
  bindings["receiveKnown"] = Binding<ReceiveKnown>;
  bindings["recvmmsg"] = Binding<ReceiveMessages>;
  bindings["recvmmsgByOnes"] = Binding<ReceiveMessages>;
  bindings["recvmsg"] = Binding<ReceiveOneMessage>;
  bindings["seek"] = Binding<Seek>;
  bindings["send"] = Binding<Send>;
  bindings["sendKnown"] = Binding<SendKnown>;
  bindings["sendall"] = Binding<SendAll>;
  bindings["sendallKnown"] = Binding<SendAllKnown>;
  bindings["sendmmsg"] = Binding<SendMessages>;
  bindings["sendmmsgByOnes"] = Binding<SendMessages>;
  bindings["sendmsg"] = Binding<SendOneMessage>;
  bindings["setInheritable"] = Binding<SetInheritable>;
  bindings["setNonblocking"] = Binding<SetNonblocking>;
  bindings["setsockopt"] = Binding<Setsockopt>;
  bindings["share"] = Binding<Share>;
  bindings["shutdown"] = Binding<Shutdown>;
  bindings["socket"] = Binding<Socket>;
  bindings["socketpair"] = Binding<SocketPair>;
  bindings["strerror"] = Binding<Strerror>;
}

}  // namespace bsd_sockets
