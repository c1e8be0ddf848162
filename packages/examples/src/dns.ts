// A name server for a few names, over UDP and TCP at one port, or a question to one. Source: RFC 1035
// usage: dns.js serve PORT HOST NAME=ADDRESS…          until it is ended
//        dns.js ask udp|tcp HOST PORT NAME             prints the addresses
import {
  AF_INET,
  AF_INET6,
  createConnection,
  createServer,
  inetNtop,
  inetPton,
  OSError,
  SOCK_DGRAM,
  Socket,
} from '@bsd-sockets/socket/promises';

const TYPE_A = 1;
const TYPE_AAAA = 28;
const CLASS_IN = 1;
const NO_SUCH_NAME = 3;
const TRUNCATED = 0x0200;
const TTL = 60; // seconds that an answer holds
const MOST_UDP = 512; // bytes; the rest is told over TCP
const TIMEOUT = 5; // seconds

interface Question {
  name: string;
  type: number;
  /** Where it ends. */
  end: number;
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
}

const words = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 0xff)));

/** The one question of a packet. */
function question(packet: Buffer): Question {
  const labels: string[] = [];
  let offset = 12;
  for (let length = packet.readUInt8(offset); length > 0; length = packet.readUInt8(offset)) {
    labels.push(packet.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: packet.readUInt16BE(offset + 1), end: offset + 5 };
}

/** The answer to a packet, in as many bytes as there may be; undefined to what is no question. */
function respond(packet: Buffer, addresses: Map<string, string[]>, most: number): Buffer | undefined {
  if (packet.length < 17 || packet.readUInt16BE(2) & 0x8000) return undefined;
  const { name, type, end } = question(packet);
  const known = addresses.get(name);
  const wanted = (known ?? []).filter((address) => type === (address.includes(':') ? TYPE_AAAA : TYPE_A));
  const records = wanted.map((address) => {
    const bytes = inetPton(address.includes(':') ? AF_INET6 : AF_INET, address);
    return Buffer.concat([words(0xc00c, type, CLASS_IN, 0, TTL, bytes.length), bytes]);
  });
  const flags = 0x8400 | (packet.readUInt16BE(2) & 0x0100) | (known ? 0 : NO_SUCH_NAME);
  const build = (flags: number, records: Buffer[]) =>
    Buffer.concat([packet.subarray(0, 2), words(flags, 1, records.length, 0, 0), packet.subarray(12, end), ...records]);
  const whole = build(flags, records);
  return whole.length <= most ? whole : build(flags | TRUNCATED, []);
}

function tryRespond(...args: Parameters<typeof respond>): Buffer | undefined {
  try {
    return respond(...args);
  } catch (error) {
    // A packet that is none of DNS.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A packet of a connection, which its length comes before; undefined at the end. */
async function receivePacket(connection: Socket<any>): Promise<Buffer | undefined> {
  const exactly = async (size: number): Promise<Buffer | undefined> => {
    const bytes = Buffer.alloc(size);
    for (let have = 0; have < size; ) {
      const received = await connection.recvInto(bytes.subarray(have));
      if (received === 0) return undefined;
      have += received;
    }
    return bytes;
  };
  const length = await exactly(2);
  return length && exactly(length.readUInt16BE());
}

const framed = (packet: Buffer) => Buffer.concat([words(packet.length), packet]);

async function serveUdp(socket: Socket<typeof AF_INET>, addresses: Map<string, string[]>): Promise<void> {
  for await (const [packet, client] of socket.datagrams()) {
    const answer = tryRespond(packet, addresses, MOST_UDP);
    if (answer) await socket.sendto(answer, client);
  }
}

async function serveConnection(connection: Socket<any>, addresses: Map<string, string[]>): Promise<void> {
  using _closed = connection;
  connection.settimeout(TIMEOUT);
  for (;;) {
    const packet = await receivePacket(connection);
    const answer = packet && tryRespond(packet, addresses, 65535);
    if (!answer) return;
    await connection.sendall(framed(answer));
  }
}

async function serve(port: number, host: string, entries: string[]): Promise<void> {
  const addresses = new Map<string, string[]>();
  for (const entry of entries) {
    const [name, address] = entry.split('=') as [string, string];
    addresses.set(name.toLowerCase(), [...(addresses.get(name.toLowerCase()) ?? []), address]);
  }
  const listener = await createServer([host, port]);
  const socket = new Socket(AF_INET, SOCK_DGRAM);
  socket.bind(listener.getsockname()); // the port of TCP is that of UDP too
  console.log('Listening at', socket.getsockname());
  const udp = serveUdp(socket, addresses);
  for await (const [connection] of listener) {
    serveConnection(connection, addresses).catch((error) => {
      if (!(error instanceof OSError)) throw error;
    });
  }
  await udp;
}

/** The addresses in an answer. */
function addressesIn(packet: Buffer): string[] {
  let offset = question(packet).end;
  return Array.from({ length: packet.readUInt16BE(6) }, () => {
    const length = packet.readUInt16BE(offset + 10);
    const bytes = packet.subarray(offset + 12, offset + 12 + length);
    offset += 12 + length;
    return inetNtop(length === 16 ? AF_INET6 : AF_INET, bytes);
  });
}

async function ask(over: string, host: string, port: number, name: string): Promise<void> {
  for (const type of [TYPE_A, TYPE_AAAA]) {
    const packet = Buffer.concat([words(0x1234, 0x0100, 1, 0, 0, 0), encodeName(name), words(type, CLASS_IN)]);
    let answer: Buffer | undefined;
    if (over === 'udp') {
      using socket = new Socket(AF_INET, SOCK_DGRAM);
      socket.settimeout(TIMEOUT);
      await socket.connect([host, port]);
      await socket.send(packet);
      answer = await socket.recv(MOST_UDP);
    } else {
      using socket = await createConnection([host, port], { timeout: TIMEOUT });
      await socket.sendall(framed(packet));
      answer = await receivePacket(socket);
    }
    const flags = answer?.readUInt16BE(2) ?? 0;
    const told = flags & TRUNCATED ? ['truncated'] : (flags & 15) === NO_SUCH_NAME ? ['no such name'] : [];
    console.log(type === TYPE_A ? 'A' : 'AAAA', [...told, ...(answer ? addressesIn(answer) : [])].join(' '));
  }
}

const [, , mode, ...rest] = process.argv;
if (mode === 'serve') await serve(Number(rest[0] ?? 53), rest[1] ?? '127.0.0.1', rest.slice(2));
else await ask(rest[0] ?? 'udp', rest[1] ?? '127.0.0.1', Number(rest[2] ?? 53), rest[3] ?? 'localhost');
