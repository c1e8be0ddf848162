#include "bindings.h"

#include "binding.h"
#include "bsd/selector.h"
#include "posix/posix_bindings.h"

namespace bsd_sockets {

void AddPlatformBindings(Bindings& bindings) {
  AddPosixBindings(bindings);
  bindings["changeSelector"] = Binding<ChangeSelector>;
  bindings["openSelector"] = Binding<OpenSelector>;
  bindings["waitSelector"] = Binding<WaitSelector>;
}

}  // namespace bsd_sockets
