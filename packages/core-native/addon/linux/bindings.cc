#include "bindings.h"

#include "binding.h"
#include "linux/packet_ring.h"
#include "linux/sock_fprog.h"
#include "posix/posix_bindings.h"

namespace bsd_sockets {

void AddPlatformBindings(Bindings& bindings) {
  AddPosixBindings(bindings);
  bindings["mapRing"] = Binding<MapRing>;
  bindings["setFilter"] = Binding<SetFilter>;
  bindings["takeBlock"] = Binding<TakeBlock>;
  bindings["unmapRing"] = Binding<UnmapRing>;
  bindings["waitForBlock"] = Binding<WaitForBlock>;
}

}  // namespace bsd_sockets
