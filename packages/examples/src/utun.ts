// Makes a network of its own on macOS, whose packets end in this program: a utun interface, by a kernel control, and tells of each
// packet that this host sends there. It needs root. It has been compiled, and has not run on macOS yet.
// usage: utun.js ADDRESS PEER [COUNT]      as 198.51.100.1 198.51.100.2; ends after COUNT packets
import { execFileSync } from 'node:child_process';
import { AF_INET, inetNtoa, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { AF_SYSTEM, SYSPROTO_CONTROL } from '@bsd-sockets/system';

const [, , ADDRESS = '198.51.100.1', PEER = '198.51.100.2', COUNT = 'Infinity'] = process.argv;
const UTUN_OPT_IFNAME = 2; // net/if_utun.h
const FAMILY_SIZE = 4; // in network byte order, before each packet
const [PROTOCOL, SOURCE, DESTINATION] = [9, 12, 16] as const; // where these lie in an IPv4 header

using control = new Socket(AF_SYSTEM, SOCK_DGRAM, SYSPROTO_CONTROL);
control.connect('com.apple.net.utun_control'); // a name of its own gets a unit that is free
const name = control.getsockopt(SYSPROTO_CONTROL!, UTUN_OPT_IFNAME, 16).toString('latin1').replace(/\0.*/, '');
execFileSync('/sbin/ifconfig', [name, ADDRESS, PEER, 'up']);
console.log(`Listening at ${name}`);

for (let count = 0; count < Number(COUNT); count++) {
  const message = control.recv(65_535);
  const packet = message.subarray(FAMILY_SIZE);
  if (message.readUInt32BE() !== AF_INET) continue;
  const [source, destination] = [SOURCE, DESTINATION].map((offset) => inetNtoa(packet.subarray(offset, offset + 4)));
  console.log(`${source} sends ${destination} ${packet.length} bytes of protocol ${packet[PROTOCOL]}`);
}
