#include "posix/posix_layout.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

namespace bsd_sockets {

std::vector<StructLayout> PosixLayouts() {
  return {
      // Its size is where the data begin, its alignment that of the next one.
      {"cmsghdr",
       CMSG_LEN(0),
       CMSG_SPACE(1) - CMSG_SPACE(0),
       {FIELD_LAYOUT(cmsghdr, cmsg_len), FIELD_LAYOUT(cmsghdr, cmsg_level),
        FIELD_LAYOUT(cmsghdr, cmsg_type)}},
      {"group_req",
       sizeof(group_req),
       alignof(group_req),
       {FIELD_LAYOUT(group_req, gr_interface), FIELD_LAYOUT(group_req, gr_group)}},
#ifdef IP_PKTINFO
      {"in_pktinfo",
       sizeof(in_pktinfo),
       alignof(in_pktinfo),
       {FIELD_LAYOUT(in_pktinfo, ipi_ifindex), FIELD_LAYOUT(in_pktinfo, ipi_spec_dst),
        FIELD_LAYOUT(in_pktinfo, ipi_addr)}},
#endif
      {"ip_mreq_source",
       sizeof(ip_mreq_source),
       alignof(ip_mreq_source),
       {FIELD_LAYOUT(ip_mreq_source, imr_multiaddr), FIELD_LAYOUT(ip_mreq_source, imr_interface),
        FIELD_LAYOUT(ip_mreq_source, imr_sourceaddr)}},
      {"linger",
       sizeof(linger),
       alignof(linger),
       {FIELD_LAYOUT(linger, l_onoff), FIELD_LAYOUT(linger, l_linger)}},
      {"pollfd",
       sizeof(pollfd),
       alignof(pollfd),
       {FIELD_LAYOUT(pollfd, fd), FIELD_LAYOUT(pollfd, events), FIELD_LAYOUT(pollfd, revents)}},
      {"sockaddr_un",
       sizeof(sockaddr_un),
       alignof(sockaddr_un),
       {FIELD_LAYOUT(sockaddr_un, sun_path)}},
      {"timespec",
       sizeof(timespec),
       alignof(timespec),
       {FIELD_LAYOUT(timespec, tv_sec), FIELD_LAYOUT(timespec, tv_nsec)}},
      {"timeval",
       sizeof(timeval),
       alignof(timeval),
       {FIELD_LAYOUT(timeval, tv_sec), FIELD_LAYOUT(timeval, tv_usec)}},
  };
}

}  // namespace bsd_sockets
