// Asks a host for echoes, without privileges: the kernel lets groups within net.ipv4.ping_group_range do so, IPv6 included.
// usage: ping.js [HOST [COUNT [INTERVAL]]]
import { setTimeout } from 'node:timers/promises';
import {
  AF_INET6,
  AF_UNSPEC,
  CMSG_SPACE,
  getaddrinfo,
  getnameinfo,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IpTtl,
  Ipv6Hoplimit,
  NI_NUMERICHOST,
  OSError,
  options,
  PermissionError,
  SOCK_DGRAM,
  Socket,
} from '@bsd-sockets/socket';

const HOST = process.argv[2] ?? 'localhost';
const COUNT = Number(process.argv[3] ?? 4);
const INTERVAL = Number(process.argv[4] ?? 1); // seconds
const TIMEOUT = 2; // seconds to wait for an echo
const HEADER = 8; // bytes: type, code, checksum, identifier, sequence number

const [[family, , , , address]] = getaddrinfo(HOST, 0, AF_UNSPEC, SOCK_DGRAM) as [any];
const v6 = family === AF_INET6;
const [ECHO, ECHO_REPLY] = v6 ? [128, 129] : [8, 0];

function open(): Socket<any> {
  try {
    return new Socket<any>(family, SOCK_DGRAM, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
  } catch (error) {
    if (error instanceof PermissionError) console.log('Not allowed: see the sysctl net.ipv4.ping_group_range');
    throw error;
  }
}

using s = open();
s.setOption(v6 ? options.IPV6_RECVHOPLIMIT : options.IP_RECVTTL, true);
s.connect(address);

/** Sends a request and waits for its echo: the size, the TTL, and the time in milliseconds. */
function ping(sequence: number): [size: number, ttl: number | undefined, time: number] {
  const request = Buffer.alloc(HEADER + 56, 'abcdefgh');
  request.fill(0, 0, HEADER); // checksum and identifier are the kernel's to fill in
  request.writeUInt8(ECHO);
  request.writeUInt16BE(sequence, 6);
  const start = performance.now();
  s.send(request);
  for (;;) {
    const left = TIMEOUT - (performance.now() - start) / 1000;
    s.settimeout(Math.max(left, 0.001));
    const [data, ancdata] = s.recvmsg(65535, CMSG_SPACE(4));
    const time = performance.now() - start;
    // The answer to an earlier request may be late.
    if (data.readUInt8() !== ECHO_REPLY || data.readUInt16BE(6) !== sequence) continue;
    if (!data.subarray(HEADER).equals(request.subarray(HEADER))) continue;
    return [data.length, (v6 ? Ipv6Hoplimit : IpTtl).decode(ancdata), time];
  }
}

let received = 0;
const [name] = getnameinfo(address, NI_NUMERICHOST!);
for (let sequence = 1; sequence <= COUNT; sequence++) {
  if (sequence > 1) await setTimeout(INTERVAL * 1000);
  try {
    const [size, ttl, time] = ping(sequence & 0xffff);
    console.log(`${size} bytes from ${name}: seq=${sequence} ttl=${ttl} time=${time.toFixed(3)} ms`);
    received += 1;
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    console.log(`seq=${sequence}: ${error.message}`);
  }
}
console.log(`${COUNT} sent, ${received} received`);
if (received === 0) process.exitCode = 1;
