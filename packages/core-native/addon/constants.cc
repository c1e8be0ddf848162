// macOS hides the IPv6 options of RFC 3542 without it.
#define __APPLE_USE_RFC_3542 1

#include "constants.h"

// The C library's headers come first: Linux's then leave out the structures that both define.
// For the same reason linux/in.h, linux/if_packet.h and linux/tcp.h stay out.
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <time.h>
#if __has_include(<winsock2.h>)
#include <winsock2.h>
#endif
#if __has_include(<ws2tcpip.h>)
#include <ws2tcpip.h>
#endif
#if __has_include(<mstcpip.h>)
#include <mstcpip.h>
#endif
#if __has_include(<ws2bth.h>)
#include <ws2bth.h>
#endif
#if __has_include(<hvsocket.h>)
#include <hvsocket.h>
#endif
#if __has_include(<sys/types.h>)
#include <sys/types.h>
#endif
#if __has_include(<sys/socket.h>)
#include <sys/socket.h>
#endif
#if __has_include(<sys/un.h>)
#include <sys/un.h>
#endif
#if __has_include(<sys/ioctl.h>)
#include <sys/ioctl.h>
#endif
#if __has_include(<netinet/in.h>)
#include <netinet/in.h>
#endif
#if __has_include(<netinet/tcp.h>)
#include <netinet/tcp.h>
#endif
#if __has_include(<netinet/udp.h>)
#include <netinet/udp.h>
#endif
#if __has_include(<netdb.h>)
#include <netdb.h>
#endif
#if __has_include(<net/if.h>)
#include <net/if.h>
#endif
#if __has_include(<poll.h>)
#include <poll.h>
#endif
#if __has_include(<net/ethernet.h>)
#include <net/ethernet.h>
#endif
#if __has_include(<net/if_arp.h>)
#include <net/if_arp.h>
#endif
#if __has_include(<netpacket/packet.h>)
#include <netpacket/packet.h>
#endif
#if __has_include(<sys/kern_control.h>)
#include <sys/kern_control.h>
#endif
#if __has_include(<sys/sys_domain.h>)
#include <sys/sys_domain.h>
#endif

// BlueZ's headers and netatalk, netax25, netipx, netrom and netrose stay out as well: constants.tsv
// has the numbers of all names that they would add.
#if __has_include(<linux/version.h>)
#include <linux/version.h>
#endif
#if __has_include(<linux/audit.h>)
#include <linux/audit.h>
#endif
#if __has_include(<linux/can.h>)
#include <linux/can.h>
#endif
#if __has_include(<linux/can/error.h>)
#include <linux/can/error.h>
#endif
#if __has_include(<linux/can/isotp.h>)
#include <linux/can/isotp.h>
#endif
#if __has_include(<linux/can/j1939.h>)
#include <linux/can/j1939.h>
#endif
#if __has_include(<linux/can/netlink.h>)
#include <linux/can/netlink.h>
#endif
#if __has_include(<linux/can/raw.h>)
#include <linux/can/raw.h>
#endif
#if __has_include(<linux/errqueue.h>)
#include <linux/errqueue.h>
#endif
#if __has_include(<linux/filter.h>)
#include <linux/filter.h>
#endif
#if __has_include(<linux/genetlink.h>)
#include <linux/genetlink.h>
#endif
#if __has_include(<linux/if_addr.h>)
#include <linux/if_addr.h>
#endif
#if __has_include(<linux/if_alg.h>)
#include <linux/if_alg.h>
#endif
#if __has_include(<linux/if_link.h>)
#include <linux/if_link.h>
#endif
#if __has_include(<linux/if_tun.h>)
#include <linux/if_tun.h>
#endif
#if __has_include(<linux/if_vlan.h>)
#include <linux/if_vlan.h>
#endif
#if __has_include(<linux/inet_diag.h>)
#include <linux/inet_diag.h>
#endif
#if __has_include(<linux/lwtunnel.h>)
#include <linux/lwtunnel.h>
#endif
#if __has_include(<linux/neighbour.h>)
#include <linux/neighbour.h>
#endif
#if __has_include(<linux/net_tstamp.h>)
#include <linux/net_tstamp.h>
#endif
#if __has_include(<linux/netfilter/nfnetlink.h>)
#include <linux/netfilter/nfnetlink.h>
#endif
#if __has_include(<linux/netfilter_ipv4.h>)
#include <linux/netfilter_ipv4.h>
#endif
#if __has_include(<linux/netlink.h>)
#include <linux/netlink.h>
#endif
#if __has_include(<linux/nexthop.h>)
#include <linux/nexthop.h>
#endif
#if __has_include(<linux/qrtr.h>)
#include <linux/qrtr.h>
#endif
#if __has_include(<linux/rds.h>)
#include <linux/rds.h>
#endif
#if __has_include(<linux/rtnetlink.h>)
#include <linux/rtnetlink.h>
#endif
#if __has_include(<linux/sock_diag.h>)
#include <linux/sock_diag.h>
#endif
#if __has_include(<linux/sockios.h>)
#include <linux/sockios.h>
#endif
#if __has_include(<linux/tipc.h>)
#include <linux/tipc.h>
#endif
#if __has_include(<linux/tty.h>)
#include <linux/tty.h>
#endif
#if __has_include(<linux/unix_diag.h>)
#include <linux/unix_diag.h>
#endif
#if __has_include(<linux/veth.h>)
#include <linux/veth.h>
#endif
#if __has_include(<linux/vm_sockets.h>)
#include <linux/vm_sockets.h>
#endif

namespace bsd_sockets {

// Part of the library itself: no destructor runs at exit while a worker still reads them, and
// nothing is lost when the last worker that has loaded it ends.
List<Constant> Constants() {
  static const Constant constants[] = {
#include "generated/constants.inc"
  };
  return constants;
}

List<Errno> Errnos() {
  static const Errno errnos[] = {
#include "generated/errnos.inc"
  };
  return errnos;
}

}  // namespace bsd_sockets
