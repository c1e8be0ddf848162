// Asks who has the addresses of a network, by ARP, and prints who answers. It needs root or CAP_NET_RAW.
// usage: arp-scan.js INTERFACE NETWORK [SECONDS]      NETWORK as 192.0.2.0/24, of at most 1024 addresses
import { networkInterfaces } from 'node:os';
import { AF_PACKET, ETH_P_ARP, formatHardwareAddress, parseHardwareAddress } from '@bsd-sockets/packet';
import { codecs, inetAton, inetNtoa, SOCK_DGRAM, Socket, struct, TimeoutError } from '@bsd-sockets/socket';

const [, , INTERFACE = 'eth0', NETWORK = '192.0.2.0/24', SECONDS = '2'] = process.argv;
const REQUEST = 1;
const REPLY = 2;
const BROADCAST = Buffer.alloc(6, 0xff);

const { fixedBytes, networkUint16, uint8 } = codecs;
const arp = struct({
  htype: networkUint16,
  ptype: networkUint16,
  hlen: uint8,
  plen: uint8,
  operation: networkUint16,
  senderHardware: fixedBytes(6),
  senderProtocol: fixedBytes(4),
  targetHardware: fixedBytes(6),
  targetProtocol: fixedBytes(4),
});

const own = networkInterfaces()[INTERFACE]?.find(({ family }) => family === 'IPv4');
if (own === undefined) throw new Error(`${INTERFACE} has no IPv4 address`);
const [base, bits] = NETWORK.split('/') as [string, string];
const count = 2 ** (32 - Number(bits));
if (!(count <= 1024)) throw new RangeError(`${NETWORK} has more than 1024 addresses`);
const first = (inetAton(base).readUInt32BE() & -count) >>> 0;

using s = new Socket(AF_PACKET, SOCK_DGRAM, 0); // the kernel writes and takes off the Ethernet header
s.bind([INTERFACE, ETH_P_ARP]);

for (let index = 1; index < Math.max(count - 1, 2); index++) {
  const targetProtocol = Buffer.alloc(4);
  targetProtocol.writeUInt32BE(first + index);
  const request = arp.encode(
    {
      htype: 1,
      ptype: 0x0800,
      hlen: 6,
      plen: 4,
      operation: REQUEST,
      senderHardware: parseHardwareAddress(own.mac),
      senderProtocol: inetAton(own.address),
      targetHardware: Buffer.alloc(6),
      targetProtocol,
    },
    'request',
  );
  s.sendto(request, [INTERFACE, ETH_P_ARP, 0, 0, BROADCAST]);
}

const end = performance.now() + Number(SECONDS) * 1000;
const found = new Map<number, string>();
for (let left = Number(SECONDS); left > 0; left = (end - performance.now()) / 1000) {
  s.settimeout(left);
  try {
    const { operation, senderHardware, senderProtocol } = arp.decode(s.recv(64));
    if (operation === REPLY) found.set(senderProtocol.readUInt32BE(), formatHardwareAddress(senderHardware));
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
  }
}
for (const [address, hardware] of [...found].sort(([a], [b]) => a - b)) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  console.log(inetNtoa(bytes), hardware);
}
