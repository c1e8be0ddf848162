// Sends a datagram to a multicast group by one interface. IPv4 or IPv6.
// usage: multicast-sender.js [GROUP [PORT [INTERFACE [MESSAGE]]]]
import { AF_INET, AF_INET6, ifNametoindex, options, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';

const GROUP = process.argv[2] ?? '239.255.0.1';
const PORT = Number(process.argv[3] ?? 50007); // the receiver's
const INTERFACE = process.argv[4] ?? 'lo';
const MESSAGE = process.argv[5] ?? 'Hello, group';

const ifindex = ifNametoindex(INTERFACE);
const v6 = GROUP.includes(':');

using s = new Socket<any>(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM);
s.setOption(v6 ? options.IPV6_MULTICAST_IF : options.IP_MULTICAST_IF, ifindex);
s.setOption(v6 ? options.IPV6_MULTICAST_HOPS : options.IP_MULTICAST_TTL, 1); // no router passes it on
s.setOption(v6 ? options.IPV6_MULTICAST_LOOP : options.IP_MULTICAST_LOOP, true); // this host's receivers get it too
s.sendto(Buffer.from(MESSAGE), [GROUP, PORT]);
