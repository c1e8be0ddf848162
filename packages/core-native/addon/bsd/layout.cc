#include <sys/socket.h>

#include "posix/posix_layout.h"

namespace bsd_sockets {

std::vector<StructLayout> Layouts() {
  std::vector<StructLayout> layouts = PosixLayouts();
  layouts.push_back({"sockaddr",
                     sizeof(sockaddr),
                     alignof(sockaddr),
                     {FIELD_LAYOUT(sockaddr, sa_len), FIELD_LAYOUT(sockaddr, sa_family)}});
  return layouts;
}

}  // namespace bsd_sockets
