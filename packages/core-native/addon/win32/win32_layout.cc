#include "layout.h"
#include "win32/winsock.h"

namespace bsd_sockets {

// Of types that have no tag of their own.
#define TYPE_LAYOUT(type, field)                       \
  {                                                    \
#field, offsetof(type, field), sizeof(type::field) \
  }

std::vector<StructLayout> Layouts() {
  return {
      // Its size is where the data begin, its alignment that of the next one.
      {"cmsghdr",
       WSA_CMSG_LEN(0),
       WSA_CMSG_SPACE(1) - WSA_CMSG_SPACE(0),
       {TYPE_LAYOUT(WSACMSGHDR, cmsg_len), TYPE_LAYOUT(WSACMSGHDR, cmsg_level),
        TYPE_LAYOUT(WSACMSGHDR, cmsg_type)}},
      {"group_req",
       sizeof(GROUP_REQ),
       alignof(GROUP_REQ),
       {TYPE_LAYOUT(GROUP_REQ, gr_interface), TYPE_LAYOUT(GROUP_REQ, gr_group)}},
      {"in_pktinfo",
       sizeof(IN_PKTINFO),
       alignof(IN_PKTINFO),
       {TYPE_LAYOUT(IN_PKTINFO, ipi_ifindex), TYPE_LAYOUT(IN_PKTINFO, ipi_addr)}},
      {"ip_mreq_source",
       sizeof(IP_MREQ_SOURCE),
       alignof(IP_MREQ_SOURCE),
       {TYPE_LAYOUT(IP_MREQ_SOURCE, imr_multiaddr), TYPE_LAYOUT(IP_MREQ_SOURCE, imr_interface),
        TYPE_LAYOUT(IP_MREQ_SOURCE, imr_sourceaddr)}},
      {"linger",
       sizeof(linger),
       alignof(linger),
       {FIELD_LAYOUT(linger, l_onoff), FIELD_LAYOUT(linger, l_linger)}},
      {"pollfd",
       sizeof(WSAPOLLFD),
       alignof(WSAPOLLFD),
       {TYPE_LAYOUT(WSAPOLLFD, fd), TYPE_LAYOUT(WSAPOLLFD, events),
        TYPE_LAYOUT(WSAPOLLFD, revents)}},
      {"sockaddr", sizeof(sockaddr), alignof(sockaddr), {FIELD_LAYOUT(sockaddr, sa_family)}},
      // SOCKADDR_BTH, under the names of Bluetooth's own header.
      {"sockaddr_rc",
       sizeof(SOCKADDR_BTH),
       alignof(SOCKADDR_BTH),
       {{"rc_bdaddr", offsetof(SOCKADDR_BTH, btAddr), sizeof(SOCKADDR_BTH::btAddr)},
        {"rc_channel", offsetof(SOCKADDR_BTH, port), sizeof(SOCKADDR_BTH::port)}}},
      {"sockaddr_un",
       sizeof(sockaddr_un),
       alignof(sockaddr_un),
       {TYPE_LAYOUT(sockaddr_un, sun_path)}},
      {"timeval",
       sizeof(timeval),
       alignof(timeval),
       {FIELD_LAYOUT(timeval, tv_sec), FIELD_LAYOUT(timeval, tv_usec)}},
  };
}

}  // namespace bsd_sockets
