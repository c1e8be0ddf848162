import {
  AF_BLUETOOTH,
  BDADDR_ANY,
  BT_SECURITY_LOW,
  BT_SECURITY_MEDIUM,
  BTPROTO_RFCOMM,
  bluetoothOptions,
  RFCOMM_LM_AUTH,
  type RfcommAddress,
} from '@bsd-sockets/bluetooth';
import { program } from '@bsd-sockets/family-testkit';
import { SOCK_STREAM, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { conformance, cpython, LONG, lab, linkedPair, Peer, python, twoAdapters } from './adapters';

const rfcomm = lab('SOCK_STREAM', 'BTPROTO_RFCOMM');
const rctest = program('rctest', 'bluez');
const [here, there] = await twoAdapters(rfcomm, 'btvirt', '-l2');

// The kernel chooses the channel.
const free: RfcommAddress = [there.bdaddr, 0];

function open(): Socket<typeof AF_BLUETOOTH> {
  const socket = new Socket(AF_BLUETOOTH, SOCK_STREAM, BTPROTO_RFCOMM);
  socket.settimeout(LONG);
  return socket;
}

function listen(): Socket<typeof AF_BLUETOOTH> {
  const server = open();
  server.bind(free);
  server.listen();
  return server;
}

function pair(): [Socket<typeof AF_BLUETOOTH>, Socket<typeof AF_BLUETOOTH>] {
  return linkedPair(SOCK_STREAM, BTPROTO_RFCOMM, free, [here.bdaddr, 0]);
}

describe.skipIf(!rfcomm.available)(`RFCOMM ${rfcomm.reason}`, () => {
  describe('the conformance suite', () => {
    conformance('resets', {
      family: AF_BLUETOOTH,
      type: SOCK_STREAM,
      proto: BTPROTO_RFCOMM,
      binds: [
        [
          [BDADDR_ANY, 7],
          [BDADDR_ANY, 7],
        ],
        [
          [there.bdaddr, 30],
          [there.bdaddr, 30],
        ],
      ],
      open: pair,
      listen: [there.bdaddr, 29],
      connected: true,
    });
  });

  describe.skipIf(!python.available)(`with CPython ${python.reason}`, () => {
    test('as the client', async () => {
      using server = listen();
      const [, channel] = server.getsockname() as RfcommAddress;
      expect(channel).toBeGreaterThan(0);
      const peer = cpython(`
s = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_STREAM, socket.BTPROTO_RFCOMM)
s.bind(("${here.bdaddr}", 0))
s.connect(("${there.bdaddr}", ${channel}))
s.sendall(b"from CPython")
print(s.recv(100), s.getpeername())
`);
      const [connection, address] = server.accept();
      using _connection = connection;
      expect(address).toEqual([here.bdaddr, channel]);
      expect(connection.recv(100).toString()).toBe('from CPython');
      connection.sendall(Buffer.from('from node'));
      expect(await peer.line()).toBe(`b'from node' ('${there.bdaddr}', ${channel})`);
      await peer.finish();
    });

    test('as the server, by promises', async () => {
      const peer = cpython(`
s = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_STREAM, socket.BTPROTO_RFCOMM)
s.bind(("${there.bdaddr}", 5))
s.listen()
print("ready")
c, address = s.accept()
print(address)
c.sendall(c.recv(100).upper())
`);
      expect(await peer.line()).toBe('ready');
      using client = new promises.Socket(AF_BLUETOOTH, SOCK_STREAM, BTPROTO_RFCOMM);
      client.settimeout(LONG);
      await client.bind([here.bdaddr, 0]);
      await client.connect([there.bdaddr, 5]);
      expect(await peer.line()).toBe(`('${here.bdaddr}', 5)`);
      await client.sendall(Buffer.from('from node'));
      expect((await client.recv(100)).toString()).toBe('FROM NODE');
      await peer.finish();
    });
  });

  describe.skipIf(!rctest.available)(`with rctest ${rctest.reason}`, () => {
    test('receives what it sends', () => {
      using server = listen();
      const [, channel] = server.getsockname() as RfcommAddress;
      new Peer('rctest', '-s', '-i', here.bdaddr, '-P', `${channel}`, '-b', '200', there.bdaddr);
      const [connection] = server.accept();
      using _connection = connection;
      const block = Buffer.alloc(200);
      for (let sequence = 0; sequence < 5; sequence++) {
        for (let at = 0; at < block.length; ) at += connection.recvInto(block.subarray(at));
        // Its blocks begin with their number and length.
        expect([block.readUInt32LE(0), block.readUInt16LE(4)]).toEqual([sequence, 200]);
        expect(block.subarray(6)).toEqual(Buffer.alloc(194, 0x7f));
      }
    });

    test('sends what it counts, by promises', async () => {
      const peer = new Peer('rctest', '-d', '-i', there.bdaddr, '-P', '6');
      await peer.lineLike(/Waiting for connection/);
      using client = new promises.Socket(AF_BLUETOOTH, SOCK_STREAM, BTPROTO_RFCOMM);
      client.settimeout(LONG);
      await client.bind([here.bdaddr, 0]);
      await client.connect([there.bdaddr, 6]);
      expect(await peer.lineLike(/Connect from/)).toContain(here.bdaddr);
      await client.sendall(Buffer.alloc(42));
      await peer.lineLike(/Received 42 bytes/);
    });
  });

  test('many bytes arrive whole, both ways', async () => {
    const [first, second] = pair().map((socket) => promises.Socket.from(socket)) as [
      promises.Socket<typeof AF_BLUETOOTH>,
      promises.Socket<typeof AF_BLUETOOTH>,
    ];
    using _first = first;
    using _second = second;
    const data = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
    const receive = async (socket: typeof first) => {
      const pieces: Buffer[] = [];
      for (let missing = data.length; missing > 0; ) {
        const piece = await socket.recv(missing);
        pieces.push(piece);
        missing -= piece.length;
      }
      return Buffer.concat(pieces);
    };
    const [there, back] = await Promise.all([
      receive(second),
      receive(first),
      first.sendall(data),
      second.sendall(data),
    ]);
    expect([there.equals(data), back.equals(data)]).toEqual([true, true]);
  });

  test('a channel that nobody listens at refuses', () => {
    using client = open();
    client.bind([here.bdaddr, 0]);
    expect(() => client.connect([there.bdaddr, 28])).toThrow(
      expect.objectContaining({ code: 'ECONNREFUSED', address: [there.bdaddr, 28] }),
    );
    using other = open();
    expect(() => other.connect([there.bdaddr, 31])).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  test('the options keep what they are set to, and a connection tells its handle', () => {
    using socket = open();
    expect(socket.getOption(bluetoothOptions.BT_SECURITY)).toEqual({ level: BT_SECURITY_LOW, keySize: 0 });
    socket.setOption(bluetoothOptions.BT_SECURITY, { level: BT_SECURITY_MEDIUM });
    expect(socket.getOption(bluetoothOptions.BT_SECURITY).level).toBe(BT_SECURITY_MEDIUM);
    socket.setOption(bluetoothOptions.RFCOMM_LM, RFCOMM_LM_AUTH);
    expect(socket.getOption(bluetoothOptions.RFCOMM_LM)).toBe(RFCOMM_LM_AUTH);
    socket.bind(free);
    socket.setOption(bluetoothOptions.BT_DEFER_SETUP, true);
    expect(socket.getOption(bluetoothOptions.BT_DEFER_SETUP)).toBe(true);
    const [first, second] = pair();
    using _first = first;
    using _second = second;
    expect(first.getOption(bluetoothOptions.RFCOMM_CONNINFO).hciHandle).toBeGreaterThan(0);
  });
});
