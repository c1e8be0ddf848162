// Prints the IPv4 packets of an interface: on Windows by SIO_RCVALL, as the sniffer of Python's documentation, on Linux by a packet
// socket. It needs an administrator's rights, or CAP_NET_RAW.
// usage: sniffer.js [INTERFACE [COUNT]]      Windows: an address of the interface, by default of this host's name; Linux: its name, or lo
import { AF_PACKET, ETH_P_ALL, ETH_P_IP } from '@bsd-sockets/packet';
import {
  AF_INET,
  gethostbyname,
  gethostname,
  IP_HDRINCL,
  IPPROTO_IP,
  inetNtoa,
  RCVALL_OFF,
  RCVALL_ON,
  SIO_RCVALL,
  SOCK_DGRAM,
  SOCK_RAW,
  Socket,
} from '@bsd-sockets/socket';

const [, , INTERFACE, COUNT = 'Infinity'] = process.argv;

function openOnWindows() {
  const s = new Socket(AF_INET, SOCK_RAW, IPPROTO_IP);
  s.bind([INTERFACE ?? gethostbyname(gethostname()), 0]);
  s.setsockopt(IPPROTO_IP, IP_HDRINCL!, 1);
  s.ioctl(SIO_RCVALL!, RCVALL_ON!);
  return s;
}

function openOnLinux() {
  const s = new Socket(AF_PACKET, SOCK_DGRAM, 0); // the kernel takes off the header of the link
  s.bind([INTERFACE ?? 'lo', ETH_P_ALL]);
  return s;
}

const onWindows = SIO_RCVALL !== undefined;
using s: Socket<any> = onWindows ? openOnWindows() : openOnLinux();
console.log('Listening at', s.getsockname());

for (let seen = 0; seen < Number(COUNT); ) {
  const [packet, sender] = s.recvfrom(65565);
  if (!onWindows && sender[1] !== ETH_P_IP) continue;
  const [from, to] = [12, 16].map((offset) => inetNtoa(packet.subarray(offset, offset + 4)));
  console.log(`${from} > ${to}: protocol ${packet[9]}, ${packet.length} bytes`);
  seen++;
}
if (onWindows) s.ioctl(SIO_RCVALL!, RCVALL_OFF!);
