// Answers to a name in the domain `local`, or asks for one, by multicast DNS (RFC 6762).
// usage: mdns.js answer NAME.local ADDRESS [INTERFACE-ADDRESS]      until it is ended
//        mdns.js ask NAME.local [INTERFACE-ADDRESS]                 prints the address
import { AF_INET, inetAton, inetNtoa, options, SOCK_DGRAM, Socket, TimeoutError } from '@bsd-sockets/socket';

const GROUP = '224.0.0.251';
const PORT = 5353;
const TYPE_A = 1;
const CLASS_IN = 1;
const CACHE_FLUSH = 0x8000; // beside the class: this answer is the only right one
const SECONDS = 2; // to wait for an answer
const TTL = 120; // seconds that an answer holds

/** A name as DNS has it: each label after its length. */
function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
}

/** The name at an offset, which may point to an earlier one, and where it ends. */
function decodeName(packet: Buffer, offset: number): [name: string, end: number] {
  const labels: string[] = [];
  let end: number | undefined;
  for (let jumps = 0; jumps < 16; ) {
    const length = packet.readUInt8(offset);
    if (length === 0) return [labels.join('.'), end ?? offset + 1];
    if (length >= 0xc0) {
      end ??= offset + 2;
      offset = packet.readUInt16BE(offset) & 0x3fff;
      jumps++;
    } else {
      labels.push(packet.toString('utf8', offset + 1, offset + 1 + length));
      offset += 1 + length;
    }
  }
  throw new RangeError('a name that points to itself');
}

function header(flags: number, questions: number, answers: number): Buffer {
  const bytes = Buffer.alloc(12);
  for (const [index, value] of [0, flags, questions, answers].entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function numbers(type: number, kind: number): Buffer {
  return Buffer.of(type >> 8, type & 0xff, kind >> 8, kind & 0xff);
}

function open(interfaceAddress: string): Socket {
  const s = new Socket(AF_INET, SOCK_DGRAM);
  s.setOption(options.SO_REUSEADDR, true);
  s.setOption(options.SO_REUSEPORT, true); // others answer at this host too
  s.bind(['', PORT]);
  s.setOption(options.IP_ADD_MEMBERSHIP, { multiaddr: GROUP, address: interfaceAddress });
  s.setOption(options.IP_MULTICAST_IF, interfaceAddress);
  s.setOption(options.IP_MULTICAST_TTL, 255); // RFC 6762, section 11
  return s;
}

/** Whether a packet asks for the address of a name. */
function asksFor(packet: Buffer, name: string): boolean {
  if (packet.length < 12 || packet.readUInt16BE(2) & 0x8000) return false;
  let offset = 12;
  for (let left = packet.readUInt16BE(4); left > 0; left--) {
    const [asked, end] = decodeName(packet, offset);
    if (asked.toLowerCase() === name.toLowerCase() && packet.readUInt16BE(end) === TYPE_A) return true;
    offset = end + 4;
  }
  return false;
}

/** The address that a packet tells of a name. */
function answerTo(packet: Buffer, name: string): string | undefined {
  if (packet.length < 12 || !(packet.readUInt16BE(2) & 0x8000)) return undefined;
  let offset = 12;
  for (let left = packet.readUInt16BE(4); left > 0; left--) offset = decodeName(packet, offset)[1] + 4;
  for (let left = packet.readUInt16BE(6); left > 0; left--) {
    const [told, end] = decodeName(packet, offset);
    const length = packet.readUInt16BE(end + 8);
    const data = packet.subarray(end + 10, end + 10 + length);
    if (told.toLowerCase() === name.toLowerCase() && packet.readUInt16BE(end) === TYPE_A) return inetNtoa(data);
    offset = end + 10 + length;
  }
  return undefined;
}

const [, , mode, name = 'example.local', ...rest] = process.argv;
if (mode === 'answer') {
  const [address = '192.0.2.1', interfaceAddress = '0.0.0.0'] = rest;
  using s = open(interfaceAddress);
  const ttl = Buffer.alloc(4);
  ttl.writeUInt32BE(TTL);
  const record = [encodeName(name), numbers(TYPE_A, CLASS_IN | CACHE_FLUSH), ttl, Buffer.of(0, 4), inetAton(address)];
  const answer = Buffer.concat([header(0x8400, 0, 1), ...record]);
  console.log('Answering to', name);
  for (;;) {
    const [packet] = s.recvfrom(9000);
    try {
      if (asksFor(packet, name)) s.sendto(answer, [GROUP, PORT]);
    } catch (error) {
      // A packet that is none of DNS.
      if (!(error instanceof RangeError)) throw error;
    }
  }
} else {
  using s = open(rest[0] ?? '0.0.0.0');
  s.sendto(Buffer.concat([header(0, 1, 0), encodeName(name), numbers(TYPE_A, CLASS_IN)]), [GROUP, PORT]);
  const end = performance.now() + SECONDS * 1000;
  let address: string | undefined;
  try {
    while (address === undefined) {
      s.settimeout(Math.max((end - performance.now()) / 1000, 0.001));
      address = answerTo(s.recv(9000), name);
    }
    console.log(address);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log('nobody answers');
    process.exitCode = 1;
  }
}
