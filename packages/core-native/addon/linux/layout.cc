#include <sys/socket.h>

#include "posix/posix_layout.h"

namespace bsd_sockets {

std::vector<StructLayout> Layouts() {
  std::vector<StructLayout> layouts = PosixLayouts();
  layouts.push_back(
      {"sockaddr", sizeof(sockaddr), alignof(sockaddr), {FIELD_LAYOUT(sockaddr, sa_family)}});
  layouts.push_back(
      {"ucred",
       sizeof(ucred),
       alignof(ucred),
       {FIELD_LAYOUT(ucred, pid), FIELD_LAYOUT(ucred, uid), FIELD_LAYOUT(ucred, gid)}});
  return layouts;
}

}  // namespace bsd_sockets
