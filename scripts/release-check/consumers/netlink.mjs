import { getLinks, IFF_LOOPBACK, NETLINK_ROUTE, Netlink } from '@bsd-sockets/netlink';
import * as promises from '@bsd-sockets/netlink/promises';

const route = new Netlink(NETLINK_ROUTE);
for (const link of route.dump(getLinks())) {
  if (link.flags & IFF_LOOPBACK) console.log(link.index, link.name);
}
route.close();
console.log(typeof promises.Netlink);
