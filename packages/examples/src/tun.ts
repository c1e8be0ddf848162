// Makes a network of its own, whose packets end in this program: a TUN interface, with an address for this host, and answers a
// ping to each other address of that network. It needs root or CAP_NET_ADMIN.
// usage: tun.js NAME ADDRESS/BITS [COUNT]      NAME as tun0; ends after COUNT answers
import { openSync, readSync, writeSync } from 'node:fs';
import { NETLINK_ROUTE, Netlink, newAddress, setLink } from '@bsd-sockets/netlink';
import { IFF_NO_PI, IFF_TUN, ifNametoindex, inetNtoa, ioctl, requests } from '@bsd-sockets/socket';

const [, , NAME = 'tun0', NETWORK = '192.0.2.1/24', COUNT = 'Infinity'] = process.argv;
const [ICMP, ECHO, ECHO_REPLY] = [1, 8, 0] as const;
const [SOURCE, DESTINATION] = [12, 16] as const; // where the addresses lie in an IPv4 header

const tun = openSync('/dev/net/tun', 'r+');
const { name } = ioctl(tun, requests.TUNSETIFF, { name: NAME, flags: IFF_TUN | IFF_NO_PI }); // whole IP packets, no header

const [address, bits] = NETWORK.split('/') as [string, string];
using route = new Netlink(NETLINK_ROUTE);
route.execute(newAddress({ ifindex: ifNametoindex(name), address, prefixlen: Number(bits) }));
route.execute(setLink(name, { up: true }));
console.log(`Answering at ${name}`);

/** Turns an echo request into its answer; false for any other packet. */
function answer(packet: Buffer): boolean {
  const start = (packet[0]! & 0xf) * 4; // what follows the IPv4 header
  if (packet[0]! >> 4 !== 4 || packet[9] !== ICMP || packet[start] !== ECHO) return false;
  const source = Buffer.from(packet.subarray(SOURCE, SOURCE + 4));
  packet.copyWithin(SOURCE, DESTINATION, DESTINATION + 4);
  source.copy(packet, DESTINATION);
  packet[start] = ECHO_REPLY;
  // The sum of 16-bit words, of ones' complement, misses the 8 of the type now. That of the IPv4 header stays.
  const sum = packet.readUInt16BE(start + 2) + (ECHO << 8);
  packet.writeUInt16BE((sum & 0xffff) + (sum >> 16), start + 2);
  return true;
}

const memory = Buffer.alloc(65535);
for (let count = 0; count < Number(COUNT); ) {
  const packet = memory.subarray(0, readSync(tun, memory));
  if (!answer(packet)) continue;
  writeSync(tun, packet);
  count++;
  console.log(
    `${inetNtoa(packet.subarray(SOURCE, SOURCE + 4))} answers ${inetNtoa(packet.subarray(DESTINATION, DESTINATION + 4))}`,
  );
}
