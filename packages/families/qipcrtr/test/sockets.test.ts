import { boundPair, capability, Python, program, socketConformance } from '@bsd-sockets/family-testkit';
import {
  AF_QIPCRTR,
  decodeControlPacket,
  encodeControlPacket,
  QRTR_PORT_CTRL,
  QRTR_TYPE_DEL_LOOKUP,
  QRTR_TYPE_DEL_SERVER,
  QRTR_TYPE_NEW_LOOKUP,
  QRTR_TYPE_NEW_SERVER,
  type QrtrAddress,
  type QrtrControlPacket,
} from '@bsd-sockets/qipcrtr';
import { SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';

/** Seconds after which a test gives up. */
const LONG = 20;
const needed = capability('AF_QIPCRTR', 'SOCK_DGRAM');
const python = program('python3', 'python3');
const text = (string: string) => Buffer.from(string);
const code = (code: string) => expect.objectContaining({ code }) as Error;

/** A number of a service for each test, so that none hears of another's. */
let nextService = 5000;

function open(): Socket<typeof AF_QIPCRTR> {
  const socket = new Socket(AF_QIPCRTR, SOCK_DGRAM);
  socket.settimeout(LONG);
  return socket;
}

/** The node of this machine: a fresh socket knows it. */
function localNode(): number {
  using socket = open();
  return socket.getsockname()[0];
}

/** What a list ends with. */
const end: QrtrControlPacket = { cmd: QRTR_TYPE_NEW_SERVER, service: 0, instance: 0, node: 0, port: 0 };

describe.skipIf(!needed.available)(`QIPCRTR ${needed.reason}`, () => {
  const node = needed.available ? localNode() : 0;
  const free: QrtrAddress = [node, 0];
  const nameService: QrtrAddress = [node, QRTR_PORT_CTRL];

  const checks = socketConformance({
    family: AF_QIPCRTR,
    type: SOCK_DGRAM,
    binds: [
      [free, ([, port]) => port >= 0x4000],
      [
        [node, 0x7000],
        [node, 0x7000],
      ],
    ],
    open: () => boundPair(AF_QIPCRTR, SOCK_DGRAM, 0, free),
    to: (second) => second.getsockname(),
    connected: false,
  });
  for (const { name, run } of checks) test(name, run);

  test('a connected socket sends without an address', () => {
    const [first, second] = boundPair(AF_QIPCRTR, SOCK_DGRAM, 0, free);
    using _0 = first;
    using _1 = second;
    first.connect(second.getsockname());
    expect(first.getpeername()).toEqual(second.getsockname());
    first.send(text('connected'));
    expect(second.recvfrom(100)).toEqual([text('connected'), first.getsockname()]);
  });

  test('has clear errors', () => {
    using socket = open();
    expect(() => socket.send(text('x'))).toThrow(code('ENOTCONN'));
    expect(() => socket.recv(1)).toThrow(code('EADDRNOTAVAIL'));
    expect(() => socket.bind([node + 1, 0])).toThrow(code('EINVAL'));
    expect(() => socket.sendto(text('x'), [node, 0x7fff])).toThrow(code('ENODEV'));
    expect(() => socket.sendto(text('x'), [node + 7, 1])).toThrow(code('ECONNRESET'));
    expect(() => socket.sendto(Buffer.alloc(65_536), [node, 0x7fff])).toThrow(code('EMSGSIZE'));
    socket.bind(free);
    using other = open();
    expect(() => other.bind(socket.getsockname())).toThrow(code('EADDRINUSE'));
  });

  describe('the name service', () => {
    test('tells of a server that comes and goes', () => {
      const service = nextService++;
      using watcher = open();
      const next = () => {
        const [data, from] = watcher.recvfrom(100);
        expect(from).toEqual(nameService);
        return decodeControlPacket(data);
      };
      watcher.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_LOOKUP, service }), nameService);
      expect(next()).toEqual(end);

      using server = open();
      const offer = { service, instance: 0x102 };
      server.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_SERVER, ...offer }), nameService);
      const port = server.getsockname()[1];
      expect(next()).toEqual({ cmd: QRTR_TYPE_NEW_SERVER, ...offer, node, port });
      server.sendto(encodeControlPacket({ cmd: QRTR_TYPE_DEL_SERVER, ...offer }), nameService);
      expect(next()).toEqual({ cmd: QRTR_TYPE_DEL_SERVER, ...offer, node, port });
      // A server that ends has no service any more.
      server.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_SERVER, ...offer }), nameService);
      expect(next()).toEqual({ cmd: QRTR_TYPE_NEW_SERVER, ...offer, node, port });
      server.close();
      expect(next()).toEqual({ cmd: QRTR_TYPE_DEL_SERVER, ...offer, node, port });
    });

    test('tells nothing after the end of the lookup', () => {
      const service = nextService++;
      using watcher = open();
      watcher.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_LOOKUP, service }), nameService);
      expect(decodeControlPacket(watcher.recv(100))).toEqual(end);
      watcher.sendto(encodeControlPacket({ cmd: QRTR_TYPE_DEL_LOOKUP, service }), nameService);
      using server = open();
      server.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_SERVER, service }), nameService);
      // It answers in order: this list is the first thing to come.
      watcher.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_LOOKUP, service: nextService++ }), nameService);
      expect(decodeControlPacket(watcher.recv(100))).toEqual(end);
    });

    test('lists all servers, on promises', async () => {
      const service = nextService++;
      using server = new promises.Socket(AF_QIPCRTR, SOCK_DGRAM);
      using client = new promises.Socket(AF_QIPCRTR, SOCK_DGRAM);
      for (const socket of [server, client]) socket.settimeout(LONG);
      await server.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_SERVER, service, instance: 1 }), nameService);
      await client.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_LOOKUP }), nameService);
      const found: QrtrControlPacket[] = [];
      for (;;) {
        const record = decodeControlPacket(await client.recv(100));
        if (record.service === 0) break;
        found.push(record);
      }
      const [, port] = server.getsockname();
      expect(found).toContainEqual({ cmd: QRTR_TYPE_NEW_SERVER, service, instance: 1, node, port });
      await client.sendto(text('to the server'), [node, port]);
      expect(await server.recvfrom(100)).toEqual([text('to the server'), client.getsockname()]);
    });

    test.skipIf(!python.available)(`finds a server of CPython's, and is found by it ${python.reason}`, async () => {
      const service = nextService++;
      using peer = new Python(`
s = socket.socket(socket.AF_QIPCRTR, socket.SOCK_DGRAM)
node, _ = s.getsockname()
s.sendto(struct.pack('<5I', ${QRTR_TYPE_NEW_SERVER}, ${service}, 7, 0, 0), (node, ${QRTR_PORT_CTRL}))
print(*s.getsockname())
for i in range(2):
    data, address = s.recvfrom(100)
    s.sendto(data.upper(), address)
    print(*address)
w = socket.socket(socket.AF_QIPCRTR, socket.SOCK_DGRAM)
w.sendto(struct.pack('<5I', ${QRTR_TYPE_NEW_LOOKUP}, ${service + 1}, 0, 0, 0), (node, ${QRTR_PORT_CTRL}))
print(*struct.unpack('<5I', w.recv(100)))
`);
      nextService++;
      using client = open();
      client.sendto(encodeControlPacket({ cmd: QRTR_TYPE_NEW_LOOKUP, service }), nameService);
      let record = decodeControlPacket(client.recv(100));
      if (record.service === 0)
        record = decodeControlPacket(client.recv(100)); // CPython came after the list
      else expect(decodeControlPacket(client.recv(100))).toEqual(end);
      expect([record.cmd, record.service, record.instance]).toEqual([QRTR_TYPE_NEW_SERVER, service, 7]);
      expect(await peer.line()).toBe(`${record.node} ${record.port}`);

      const address: QrtrAddress = [record.node!, record.port!];
      client.sendto(text('from node'), address);
      expect(client.recvfrom(100)).toEqual([text('FROM NODE'), address]);
      expect(await peer.line()).toBe(client.getsockname().join(' '));

      using server = new promises.Socket(AF_QIPCRTR, SOCK_DGRAM);
      server.settimeout(LONG);
      const offer = encodeControlPacket({ cmd: QRTR_TYPE_NEW_SERVER, service: service + 1, instance: 9 });
      await server.sendto(offer, nameService);
      await server.sendto(text('on promises'), address);
      expect(await server.recvfrom(100)).toEqual([text('ON PROMISES'), address]);
      expect(await peer.line()).toBe(server.getsockname().join(' '));
      expect(await peer.line()).toBe([QRTR_TYPE_NEW_SERVER, service + 1, 9, ...server.getsockname()].join(' '));
      await peer.finish();
    });
  });
});
