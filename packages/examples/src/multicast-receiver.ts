// Joins a multicast group on one interface, and prints what comes, until an empty datagram does. IPv4 or IPv6.
// usage: multicast-receiver.js [GROUP [PORT [INTERFACE]]]
import {
  AF_INET,
  AF_INET6,
  CMSG_SPACE,
  IpPktinfo,
  Ipv6Pktinfo,
  ifIndextoname,
  ifNametoindex,
  options,
  SOCK_DGRAM,
  Socket,
} from '@bsd-sockets/socket';

const GROUP = process.argv[2] ?? '239.255.0.1';
const PORT = Number(process.argv[3] ?? 50007); // 0 for one that is free
const INTERFACE = process.argv[4] ?? 'lo';
const PKTINFO_SIZE = 20; // bytes, of the larger one

const ifindex = ifNametoindex(INTERFACE);
const v6 = GROUP.includes(':');

using s = new Socket<any>(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM);
s.setOption(options.SO_REUSEADDR, true); // several programs of one host may listen
// Bound to the group the socket gets nothing else that is sent to the port.
s.bind(v6 ? [GROUP, PORT, 0, ifindex] : [GROUP, PORT]);
if (v6) {
  s.setOption(options.IPV6_JOIN_GROUP, { multiaddr: GROUP, ifindex });
  s.setOption(options.IPV6_MULTICAST_ALL, false);
  s.setOption(options.IPV6_RECVPKTINFO, true);
} else {
  s.setOption(options.IP_ADD_MEMBERSHIP, { multiaddr: GROUP, ifindex });
  // Or else it hears the group on every interface where any program has joined it.
  s.setOption(options.IP_MULTICAST_ALL, false);
  s.setOption(options.IP_PKTINFO, true);
}
console.log('Listening at', s.getsockname());

for (;;) {
  const [data, ancdata, , sender] = s.recvmsg(65535, CMSG_SPACE(PKTINFO_SIZE));
  if (data.length === 0) break;
  const info = (v6 ? Ipv6Pktinfo : IpPktinfo).decode(ancdata);
  console.log(`${data} from ${sender?.[0]} by ${ifIndextoname(info!.ifindex)}`);
}
