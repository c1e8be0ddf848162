#include "bindings.h"

#include "binding.h"
#include "linux/packet_ring.h"
#include "linux/selector.h"
#include "linux/sock_fprog.h"
#include "posix/posix_bindings.h"

namespace bsd_sockets {

void AddPlatformBindings(Bindings& bindings) {
  AddPosixBindings(bindings);
  bindings["changeSelector"] = Binding<ChangeSelector>;
  bindings["mapRing"] = Binding<MapRing>;
  bindings["openSelector"] = Binding<OpenSelector>;
  bindings["setFilter"] = Binding<SetFilter>;
  bindings["takeBlock"] = Binding<TakeBlock>;
  bindings["unmapRing"] = Binding<UnmapRing>;
  bindings["waitForBlock"] = Binding<WaitForBlock>;
  bindings["waitSelector"] = Binding<WaitSelector>;
}

}  // namespace bsd_sockets
