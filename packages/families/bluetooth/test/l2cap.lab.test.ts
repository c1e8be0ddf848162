import {
  AF_BLUETOOTH,
  BDADDR_ANY,
  BDADDR_LE_PUBLIC,
  BT_SECURITY_LOW,
  BT_SECURITY_MEDIUM,
  BTPROTO_L2CAP,
  bluetoothOptions,
  L2CAP_LM_AUTH,
  L2CAP_LM_MASTER,
  L2CAP_MODE_BASIC,
  L2CAP_MODE_ERTM,
} from '@bsd-sockets/bluetooth';
import { connectedPair, program } from '@bsd-sockets/family-testkit';
import { SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { advertise, capitalsServer, conformance, cpython, LONG, lab, Peer, python, twoAdapters } from './adapters';

const l2cap = lab('SOCK_SEQPACKET', 'BTPROTO_L2CAP');
const l2test = program('l2test', 'bluez');
const [here, there] = await twoAdapters(l2cap, 'btvirt', '-l2');

const psms = (function* () {
  // The lowest bit is 1, and that of the second byte 0.
  for (let psm = 0x1001; psm < 0x10ff; psm += 2) yield psm;
})();
/** A multiplexer that no other test has. */
function freePsm(): number {
  return psms.next().value!;
}

function open(type: number): Socket<typeof AF_BLUETOOTH> {
  const socket = new Socket(AF_BLUETOOTH, type, BTPROTO_L2CAP);
  socket.settimeout(LONG);
  return socket;
}

function listen(type: number, psm: number): Socket<typeof AF_BLUETOOTH> {
  const server = open(type);
  server.bind([there.bdaddr, psm]);
  server.listen();
  return server;
}

describe.skipIf(!l2cap.available)(`L2CAP ${l2cap.reason}`, () => {
  describe.each([
    ['sequenced packets', SOCK_SEQPACKET],
    ['streams', SOCK_STREAM],
  ])('%s', (_, type) => {
    const psm = freePsm();
    conformance(type === SOCK_STREAM ? 'resets' : 'ends', {
      family: AF_BLUETOOTH,
      type,
      proto: BTPROTO_L2CAP,
      binds: [
        [
          [BDADDR_ANY, 0x2001],
          [BDADDR_ANY, 0x2001],
        ],
        [
          [there.bdaddr, 0x2003],
          [there.bdaddr, 0x2003],
        ],
        [
          [there.bdaddr, 0xf3, 0, BDADDR_LE_PUBLIC],
          [there.bdaddr, 0xf3, 0, BDADDR_LE_PUBLIC],
        ],
      ],
      open: () => connectedPair(AF_BLUETOOTH, type, BTPROTO_L2CAP, [there.bdaddr, freePsm()], [here.bdaddr, 0]),
      listen: [there.bdaddr, psm],
      connected: true,
    });

    describe.skipIf(!python.available)(`with CPython ${python.reason}`, () => {
      test('as the client', async () => {
        const psm = freePsm();
        using server = listen(type, psm);
        const peer = cpython(`
s = socket.socket(socket.AF_BLUETOOTH, ${type}, socket.BTPROTO_L2CAP)
s.bind(("${here.bdaddr}", 0))
s.connect(("${there.bdaddr}", ${psm}))
s.send(b"from CPython")
print(s.recv(100), s.getpeername())
`);
        const [connection, address] = server.accept();
        using _connection = connection;
        expect(address).toEqual([here.bdaddr, psm]);
        expect(connection.recv(100).toString()).toBe('from CPython');
        connection.send(Buffer.from('from node'));
        expect(await peer.line()).toBe(`b'from node' ('${there.bdaddr}', ${psm})`);
        await peer.finish();
      });

      test('as the server, by promises', async () => {
        const psm = freePsm();
        const peer = capitalsServer(type, 'BTPROTO_L2CAP', `("${there.bdaddr}", ${psm})`);
        expect(await peer.line()).toBe('ready');
        using client = new promises.Socket(AF_BLUETOOTH, type, BTPROTO_L2CAP);
        client.settimeout(LONG);
        await client.bind([here.bdaddr, 0]);
        await client.connect([there.bdaddr, psm]);
        expect(await peer.line()).toBe(`('${here.bdaddr}', ${psm})`);
        await client.send(Buffer.from('from node'));
        expect((await client.recv(100)).toString()).toBe('FROM NODE');
        client.close();
        await peer.finish();
      });
    });
  });

  describe.skipIf(!l2test.available)(`with l2test ${l2test.reason}`, () => {
    test('receives what it sends', () => {
      const psm = freePsm();
      using server = listen(SOCK_SEQPACKET, psm);
      new Peer('l2test', '-s', '-i', here.bdaddr, '-P', `${psm}`, '-b', '200', there.bdaddr);
      const [connection] = server.accept();
      using _connection = connection;
      for (let sequence = 0; sequence < 5; sequence++) {
        const packet = connection.recv(1000);
        // Its packets begin with their number and length.
        expect([packet.readUInt32LE(0), packet.readUInt16LE(4), packet.length]).toEqual([sequence, 200, 200]);
        expect(packet.subarray(6)).toEqual(Buffer.alloc(194, 0x7f));
      }
    });

    test('sends what it shows, by promises', async () => {
      const psm = freePsm();
      const peer = new Peer('l2test', '-d', '-i', there.bdaddr, '-P', `${psm}`);
      await peer.lineLike(/Waiting for connection/);
      using client = new promises.Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP);
      client.settimeout(LONG);
      await client.bind([here.bdaddr, 0]);
      await client.connect([there.bdaddr, psm]);
      await client.send(Buffer.from('shown by l2test'));
      expect(await peer.lineLike(/73 68 6F 77/i)).toMatch(/73 68 6F 77 6E 20 62 79/i);
    });
  });

  test('a packet keeps its bounds, and what is left of it is lost', () => {
    const [first, second] = connectedPair(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP, [there.bdaddr, freePsm()]);
    using _first = first;
    using _second = second;
    for (const packet of ['one', 'two', 'three']) first.send(Buffer.from(packet));
    expect([second.recv(2), second.recv(100), second.recv(100)].join()).toBe('on,two,three');
    const { omtu } = first.getOption(bluetoothOptions.L2CAP_OPTIONS);
    expect(first.send(Buffer.alloc(omtu, 1))).toBe(omtu);
    expect(second.recv(2 * omtu)).toEqual(Buffer.alloc(omtu, 1));
    expect(() => first.send(Buffer.alloc(omtu + 1))).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
  });

  test('datagrams tell who sent them', () => {
    const psm = freePsm();
    using receiver = open(SOCK_DGRAM);
    receiver.bind([there.bdaddr, psm]);
    using sender = open(SOCK_DGRAM);
    sender.bind([here.bdaddr, 0]);
    sender.connect([there.bdaddr, psm]);
    sender.send(Buffer.from('datagram'));
    expect(receiver.recvfrom(100)).toEqual([Buffer.from('datagram'), [here.bdaddr, psm]]);
  });

  test('retransmits where both sides are set to it', () => {
    const psm = freePsm();
    using server = open(SOCK_STREAM);
    using client = open(SOCK_STREAM);
    for (const socket of [server, client]) {
      const options = socket.getOption(bluetoothOptions.L2CAP_OPTIONS);
      socket.setOption(bluetoothOptions.L2CAP_OPTIONS, { ...options, mode: L2CAP_MODE_ERTM, imtu: 300 });
    }
    server.bind([there.bdaddr, psm]);
    server.listen();
    client.bind([here.bdaddr, 0]);
    client.connect([there.bdaddr, psm]);
    using connection = server.accept()[0];
    expect(client.getOption(bluetoothOptions.L2CAP_OPTIONS)).toMatchObject({ mode: L2CAP_MODE_ERTM, omtu: 300 });
    const data = Buffer.alloc(250, 'retransmitted ');
    for (let count = 0; count < 20; count++) {
      client.sendall(data);
      expect(connection.recv(300)).toEqual(data);
    }
  });

  test('over Low Energy carries what both sides have room for', async () => {
    await advertise(there);
    using server = open(SOCK_SEQPACKET);
    server.bind([there.bdaddr, 0x81, 0, BDADDR_LE_PUBLIC]);
    server.setOption(bluetoothOptions.BT_RCVMTU, 400);
    server.listen();
    using client = open(SOCK_SEQPACKET);
    client.bind([here.bdaddr, 0, 0, BDADDR_LE_PUBLIC]);
    client.connect([there.bdaddr, 0x81, 0, BDADDR_LE_PUBLIC]);
    const [connection, address] = server.accept();
    using _connection = connection;
    // The channel's number is the kernel's to choose.
    expect(address).toEqual([here.bdaddr, 0x81, expect.any(Number), BDADDR_LE_PUBLIC]);
    expect(client.getOption(bluetoothOptions.BT_SNDMTU)).toBe(400);
    expect(connection.getOption(bluetoothOptions.BT_RCVMTU)).toBe(400);
    const data = Buffer.alloc(400, 'low energy ');
    client.send(data);
    expect(connection.recv(1000)).toEqual(data);
    connection.send(Buffer.from('back'));
    expect(client.recv(100).toString()).toBe('back');
  });

  test('a server may ask before it takes a connection', async () => {
    const psm = freePsm();
    using server = new promises.Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP);
    server.settimeout(LONG);
    await server.bind([there.bdaddr, psm]);
    server.setOption(bluetoothOptions.BT_DEFER_SETUP, true);
    expect(server.getOption(bluetoothOptions.BT_DEFER_SETUP)).toBe(true);
    server.listen();
    using client = new promises.Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP);
    client.settimeout(LONG);
    await client.bind([here.bdaddr, 0]);
    let connected = false;
    const connecting = client.connect([there.bdaddr, psm]).then(() => {
      connected = true;
    });
    const [connection, address] = await server.accept();
    using _connection = connection;
    expect(address).toEqual([here.bdaddr, psm]);
    expect(connected).toBe(false);
    // The first read takes it.
    const receiving = connection.recv(100);
    await connecting;
    await client.send(Buffer.from('taken'));
    expect((await receiving).toString() || (await connection.recv(100)).toString()).toBe('taken');
  });

  test('a multiplexer that nobody listens at refuses', () => {
    using client = open(SOCK_SEQPACKET);
    client.bind([here.bdaddr, 0]);
    expect(() => client.connect([there.bdaddr, 0x2005])).toThrow(
      expect.objectContaining({ code: 'ECONNREFUSED', address: [there.bdaddr, 0x2005] }),
    );
  });

  test('the options keep what they are set to', () => {
    using socket = open(SOCK_SEQPACKET);
    expect(socket.getOption(bluetoothOptions.L2CAP_OPTIONS)).toMatchObject({ mode: L2CAP_MODE_BASIC, imtu: 672 });
    expect(socket.getOption(bluetoothOptions.BT_SECURITY)).toEqual({ level: BT_SECURITY_LOW, keySize: 0 });
    socket.setOption(bluetoothOptions.BT_SECURITY, { level: BT_SECURITY_MEDIUM });
    expect(socket.getOption(bluetoothOptions.BT_SECURITY)).toEqual({ level: BT_SECURITY_MEDIUM, keySize: 0 });
    socket.setOption(bluetoothOptions.L2CAP_LM, L2CAP_LM_MASTER | L2CAP_LM_AUTH);
    expect(socket.getOption(bluetoothOptions.L2CAP_LM)).toBe(L2CAP_LM_MASTER | L2CAP_LM_AUTH);
    for (const value of [true, false]) {
      socket.setOption(bluetoothOptions.BT_POWER, value);
      expect(socket.getOption(bluetoothOptions.BT_POWER)).toBe(value);
    }
    expect(() => socket.setOption(bluetoothOptions.BT_SECURITY, { level: 9 })).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    );
    expect(() => socket.getOption(bluetoothOptions.L2CAP_CONNINFO)).toThrow(
      expect.objectContaining({ code: 'ENOTCONN' }),
    );
  });

  test('a connection tells its handle and its kinds of packets', () => {
    const [first, second] = connectedPair(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP, [there.bdaddr, freePsm()]);
    using _first = first;
    using _second = second;
    const { hciHandle, devClass } = first.getOption(bluetoothOptions.L2CAP_CONNINFO);
    expect(hciHandle).toBeGreaterThan(0);
    expect(devClass).toHaveLength(3);
    expect(first.getOption(bluetoothOptions.BT_PHY)).toBeGreaterThan(0);
  });
});
