#include "posix/posix_bindings.h"

#include "binding.h"
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
#include "posix/signals.h"
#include "posix/socket.h"
#include "posix/strerror.h"
#include "posix/transfer.h"

namespace bsd_sockets {

void AddPosixBindings(Bindings& bindings) {
  bindings["accept"] = Binding<Accept>;
  bindings["bind"] = Binding<Bind>;
  bindings["close"] = Binding<Close>;
  bindings["connect"] = Binding<Connect>;
  bindings["disown"] = Binding<Disown>;
  bindings["dup"] = Binding<Duplicate>;
  bindings["finishConnect"] = Binding<FinishConnect>;
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
  bindings["hstrerror"] = Binding<Hstrerror>;
  bindings["ifIndextoname"] = Binding<IfIndextoname>;
  bindings["ifNameindex"] = Binding<IfNameindex>;
  bindings["ifNametoindex"] = Binding<IfNametoindex>;
  bindings["ioctl"] = Binding<Ioctl>;
  bindings["ioctlNumber"] = Binding<IoctlNumber>;
  bindings["ioctlSize"] = Binding<IoctlSize>;
  bindings["listen"] = Binding<Listen>;
  bindings["own"] = Binding<Own>;
  bindings["poll"] = Binding<Poll>;
  bindings["receive"] = Binding<Receive>;
  bindings["receiveKnown"] = Binding<ReceiveKnown>;
  bindings["recvmmsg"] = Binding<ReceiveBatch>;
  bindings["recvmmsgByOnes"] = Binding<ReceiveBatchByOnes>;
  bindings["recvmsg"] = Binding<ReceiveMessage>;
  bindings["recvRights"] = Binding<ReceiveRights>;
  bindings["seek"] = Binding<Seek>;
  bindings["send"] = Binding<Send>;
  bindings["sendKnown"] = Binding<SendKnown>;
  bindings["sendall"] = Binding<SendAll>;
  bindings["sendallKnown"] = Binding<SendAllKnown>;
  bindings["sendfile"] = Binding<Sendfile>;
  bindings["sendmmsg"] = Binding<SendBatch>;
  bindings["sendmmsgByOnes"] = Binding<SendBatchByOnes>;
  bindings["sendmsg"] = Binding<SendMessage>;
  bindings["sendRights"] = Binding<SendRights>;
  bindings["setInheritable"] = Binding<SetInheritable>;
  bindings["setNonblocking"] = Binding<SetNonblocking>;
  bindings["sethostname"] = Binding<Sethostname>;
  bindings["setsockopt"] = Binding<Setsockopt>;
  bindings["shutdown"] = Binding<Shutdown>;
  bindings["socket"] = Binding<Socket>;
  bindings["socketpair"] = Binding<SocketPair>;
  bindings["strerror"] = Binding<Strerror>;
  bindings["takeSignal"] = Binding<TakeSignal>;
  bindings["unwatchSignal"] = Binding<UnwatchSignal>;
  bindings["watchSignal"] = Binding<WatchSignal>;
}

}  // namespace bsd_sockets
