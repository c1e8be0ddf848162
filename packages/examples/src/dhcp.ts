// Gives addresses to the hosts of a link, or asks for one, by DHCP (RFC 2131). It needs root or CAP_NET_RAW, and changes no
// interface: it only tells what it was given.
// usage: dhcp.js serve INTERFACE SERVER-ADDRESS FIRST-ADDRESS [COUNT]      until it is ended
//        dhcp.js ask INTERFACE
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { AF_INET, codecs, inetAton, inetNtoa, options, SOCK_DGRAM, Socket, struct } from '@bsd-sockets/socket';

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const [DISCOVER, OFFER, REQUEST, ACK, NAK] = [1, 2, 3, 5, 6] as const;
const LEASE = 3600; // seconds
const SECONDS = 5; // to wait for a server
const COOKIE = Buffer.from('63825363', 'hex');
const Tag = { mask: 1, requested: 50, lease: 51, type: 53, server: 54, end: 255 } as const;

const { fixedBytes, networkUint16, networkUint32, uint8 } = codecs;
const bootp = struct({
  op: uint8, // 1: to the server, 2: to the client
  htype: uint8,
  hlen: uint8,
  hops: uint8,
  xid: networkUint32,
  secs: networkUint16,
  flags: networkUint16,
  ciaddr: fixedBytes(4),
  yiaddr: fixedBytes(4),
  siaddr: fixedBytes(4),
  giaddr: fixedBytes(4),
  chaddr: fixedBytes(16),
  sname: fixedBytes(64),
  file: fixedBytes(128),
});

interface Message {
  op: number;
  xid: number;
  chaddr: Buffer;
  yiaddr: string;
  options: Map<number, Buffer>;
}

const uint32 = (value: number) => Buffer.from(networkUint32.encode(value, 'value'));

function encode({ op, xid, chaddr, yiaddr, options }: Message): Buffer {
  const none = Buffer.alloc(0);
  const head = { op, htype: 1, hlen: 6, hops: 0, xid, secs: 0, flags: 0x8000, chaddr, yiaddr: inetAton(yiaddr) };
  const fields = { ...head, ciaddr: none, siaddr: none, giaddr: none, sname: none, file: none };
  const tagged = [...options].flatMap(([tag, value]) => [Buffer.of(tag, value.length), value]);
  return Buffer.concat([bootp.encode(fields, 'message'), COOKIE, ...tagged, Buffer.of(Tag.end)]);
}

function decode(packet: Buffer): Message | undefined {
  if (packet.length < bootp.size + 4 || !packet.subarray(bootp.size, bootp.size + 4).equals(COOKIE)) return undefined;
  const { op, xid, chaddr, yiaddr } = bootp.decode(packet);
  const options = new Map<number, Buffer>();
  for (let offset = bootp.size + 4; offset + 1 < packet.length && packet[offset] !== Tag.end; ) {
    const [tag, length] = [packet[offset]!, packet[offset + 1]!];
    options.set(tag, packet.subarray(offset + 2, offset + 2 + length));
    offset += tag === 0 ? 1 : 2 + length;
  }
  return { op, xid, chaddr, yiaddr: inetNtoa(yiaddr), options };
}

/** A socket that sends and receives broadcasts of one link, which has no addresses yet. */
function open(ifname: string, port: number): Socket {
  const s = new Socket(AF_INET, SOCK_DGRAM);
  s.setOption(options.SO_REUSEADDR, true);
  s.setOption(options.SO_BROADCAST, true);
  s.setOption(options.SO_BINDTODEVICE, ifname);
  s.bind(['', port]);
  return s;
}

const typeOf = (message: Message) => message.options.get(Tag.type)?.[0];

function serve(ifname: string, address: string, first: string, count: number): never {
  const leases = new Map<string, string>(); // by hardware address
  const start = inetAton(first).readUInt32BE();
  const lease = (hardware: string) => {
    const free = Array.from({ length: count }, (_, index) => inetNtoa(uint32(start + index)));
    return leases.get(hardware) ?? free.find((one) => ![...leases.values()].includes(one));
  };
  const s = open(ifname, SERVER_PORT);
  console.log('Serving at', ifname);
  for (;;) {
    const message = decode(s.recv(1500));
    if (message?.op !== 1) continue;
    const hardware = message.chaddr.toString('hex', 0, 6);
    const given = lease(hardware);
    const type = typeOf(message);
    if (given === undefined || (type !== DISCOVER && type !== REQUEST)) continue;
    const wanted = message.options.get(Tag.requested) ?? Buffer.alloc(4);
    const right = type === DISCOVER || inetNtoa(wanted) === given;
    if (right) leases.set(hardware, given);
    const reply = new Map([
      [Tag.type as number, Buffer.of(type === DISCOVER ? OFFER : right ? ACK : NAK)],
      [Tag.server, inetAton(address)],
      [Tag.lease, uint32(LEASE)],
      [Tag.mask, inetAton('255.255.255.0')],
    ]);
    const packet = encode({ ...message, op: 2, yiaddr: right ? given : '0.0.0.0', options: reply });
    s.sendto(packet, ['255.255.255.255', CLIENT_PORT]);
  }
}

function ask(ifname: string): void {
  const mac = networkInterfaces()[ifname]?.[0]?.mac ?? '';
  if (mac === '') throw new Error(`${ifname} has no address of any kind, or does not exist`);
  const chaddr = Buffer.from(mac.replaceAll(':', ''), 'hex');
  const xid = randomBytes(4).readUInt32BE();
  using s = open(ifname, CLIENT_PORT);
  s.settimeout(SECONDS);
  const exchange = (options: Map<number, Buffer>, expected: number): Message => {
    s.sendto(encode({ op: 1, xid, chaddr, yiaddr: '0.0.0.0', options }), ['255.255.255.255', SERVER_PORT]);
    for (;;) {
      const message = decode(s.recv(1500));
      if (message?.op === 2 && message.xid === xid && [expected, NAK].includes(typeOf(message)!)) return message;
    }
  };
  const offer = exchange(new Map([[Tag.type as number, Buffer.of(DISCOVER)]]), OFFER);
  const wanted = new Map([
    [Tag.type as number, Buffer.of(REQUEST)],
    [Tag.requested, inetAton(offer.yiaddr)],
    [Tag.server, offer.options.get(Tag.server)!],
  ]);
  const answer = exchange(wanted, ACK);
  if (typeOf(answer) === NAK) throw new Error('the server takes its offer back');
  const seconds = answer.options.get(Tag.lease)!.readUInt32BE();
  console.log(`${answer.yiaddr} from ${inetNtoa(answer.options.get(Tag.server)!)} for ${seconds} s`);
}

const [, , mode, ifname = 'eth0', address = '192.0.2.1', first = '192.0.2.100', count = '100'] = process.argv;
if (mode === 'serve') serve(ifname, address, first, Number(count));
else ask(ifname);
