import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AF_CAN,
  CAN_J1939,
  type CanAddress,
  type CanAddressLike,
  canOptions,
  J1939_EE_INFO_RX_RTS,
  J1939_EE_INFO_TX_ABORT,
  J1939_NO_ADDR,
  J1939_NO_NAME,
  J1939_NO_PGN,
  ScmJ1939DestAddr,
  ScmJ1939DestName,
  ScmJ1939Errqueue,
  ScmJ1939Prio,
  ScmJ1939Stats,
} from '@bsd-sockets/can';
import { program, socketConformance } from '@bsd-sockets/family-testkit';
import {
  MSG_ERRQUEUE,
  OSError,
  options,
  POLLERR,
  poll,
  readControl,
  SCM_TSTAMP_ACK,
  SO_EE_ORIGIN_LOCAL,
  SO_EE_ORIGIN_TIMESTAMPING,
  SOCK_DGRAM,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_ACK,
  Socket,
} from '@bsd-sockets/socket';
import { Socket as AsyncSocket } from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { cpython, LONG, lab, Peer, virtualBus } from './vcan';

const j1939 = lab('SOCK_DGRAM', 'CAN_J1939');
const canUtils = program('j1939cat', 'can-utils');
const python = program('python3', 'python3');
const bus = 'vcan-j1939';
/** 100 bytes: a transport session of 15 packets. Of such a message the kernel does not tell the interface. */
const long = Buffer.from('0123456789'.repeat(10));
const PGN = 0x12300;
const ANCILLARY = 512;
type CanSocket = Socket<typeof AF_CAN>;

function open(addr: number, name: bigint | number = J1939_NO_NAME): CanSocket {
  const socket = new Socket(AF_CAN, SOCK_DGRAM, CAN_J1939);
  socket.settimeout(LONG);
  socket.bind([bus, name, J1939_NO_PGN, addr]);
  return socket;
}

const to = (addr: number): CanAddressLike => [bus, J1939_NO_NAME, PGN, addr];

/** What the error queue has next. */
function fromErrorQueue(socket: CanSocket) {
  const poller = poll();
  poller.register(socket, POLLERR);
  expect(poller.poll(LONG * 1000)).not.toEqual([]);
  return socket.recvmsg(256, ANCILLARY, MSG_ERRQUEUE)[1];
}

describe.skipIf(!j1939.available)(`CAN_J1939 ${j1939.reason}`, () => {
  virtualBus(bus, 16);

  describe('a message of more bytes than the kernel takes at once', () => {
    const huge = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));

    test('goes whole, with a timeout', () => {
      using sender = open(0x20);
      using receiver = open(0x30);
      expect(sender.sendto(huge, to(0x30))).toBe(huge.length);
      expect(receiver.recv(huge.length + 1).equals(huge)).toBe(true);
    });

    test('goes whole, by promises', async () => {
      using sender = new AsyncSocket(AF_CAN, SOCK_DGRAM, CAN_J1939);
      sender.settimeout(LONG);
      sender.bind([bus, J1939_NO_NAME, J1939_NO_PGN, 0x20]);
      using receiver = open(0x30);
      expect(await sender.sendto(huge, to(0x30))).toBe(huge.length);
      expect(receiver.recv(huge.length + 1).equals(huge)).toBe(true);
    });

    test('fails where nobody answers', () => {
      using sender = open(0x20);
      sender.settimeout(0.2);
      expect(() => sender.sendto(huge, to(0x31))).toThrow(OSError);
    });

    test('goes in parts where the socket does not wait', () => {
      using sender = open(0x20);
      using receiver = open(0x30);
      sender.setblocking(false);
      const first = sender.sendto(huge, to(0x30));
      expect(first).toBeLessThan(huge.length);
      sender.settimeout(LONG);
      expect(sender.sendto(huge.subarray(first), to(0x30))).toBe(huge.length - first);
      expect(receiver.recv(huge.length + 1).equals(huge)).toBe(true);
    });
  });

  describe('the conformance suite', () => {
    const checks = socketConformance({
      family: AF_CAN,
      type: SOCK_DGRAM,
      proto: CAN_J1939,
      binds: [
        [
          [bus, J1939_NO_NAME, J1939_NO_PGN, 0x20],
          [bus, 0n, J1939_NO_PGN, 0x20],
        ],
        [
          [bus, 0x8000000000000001n, PGN, J1939_NO_ADDR],
          // The PGN is a filter, which getsockname does not tell.
          [bus, 0x8000000000000001n, J1939_NO_PGN, J1939_NO_ADDR],
        ],
      ],
      open: () => [open(0x80), open(0x90)],
      connected: false,
      to: () => to(0x90),
      from: (): CanAddress => [bus, 0n, PGN, 0x80],
      data: Buffer.from('8 bytes!'),
    });
    for (const { name, run } of checks) test(name, run);
  });

  test('tells destination, priority and sender of a message', () => {
    using sender = open(0x80);
    using socket = open(0x90);
    sender.setOption(canOptions.SO_J1939_SEND_PRIO, 3);
    expect(sender.getOption(canOptions.SO_J1939_SEND_PRIO)).toBe(3);
    expect(() => sender.setOption(canOptions.SO_J1939_SEND_PRIO, 8)).toThrow(/EDOM.*SO_J1939_SEND_PRIO/s);
    sender.connect(to(0x90));
    sender.send(Buffer.from('short'));
    const [data, ancdata, , address] = socket.recvmsg(64, ANCILLARY);
    expect(data.toString()).toBe('short');
    expect(address).toEqual([bus, 0n, PGN, 0x80]);
    expect(ScmJ1939DestAddr.decode(ancdata)).toBe(0x90);
    expect(ScmJ1939DestName.decode(ancdata)).toBe(undefined);
    expect(ScmJ1939Prio.decode(ancdata)).toBe(3);
    expect(readControl(ancdata, AF_CAN).map(({ name, value }) => [name, value])).toEqual([
      ['SCM_J1939_DEST_ADDR', 0x90],
      ['SCM_J1939_PRIO', 3],
    ]);
  });

  test('reaches all with a broadcast, and filters', () => {
    using sender = open(0x80);
    using socket = open(0x90);
    socket.setOption(options.SO_BROADCAST, true);
    expect(() => sender.sendto(long, to(J1939_NO_ADDR))).toThrow(expect.objectContaining({ code: 'EACCES' }) as Error);
    sender.setOption(options.SO_BROADCAST, true);
    const broadcast = (pgn: number) => void sender.sendto(Buffer.of(pgn & 0xff), [bus, 0, pgn, J1939_NO_ADDR]);
    socket.setOption(canOptions.SO_J1939_FILTER, [
      { pgn: 0x1fe02, pgnMask: 0x3ffff },
      { addr: 0x81, addrMask: 0xff },
    ]);
    for (const pgn of [0x1fe01, 0x1fe02]) broadcast(pgn);
    expect(socket.recvfrom(64)).toEqual([Buffer.of(2), [bus, 0n, 0x1fe02, 0x80]]);
    socket.setOption(canOptions.SO_J1939_FILTER, []);
    broadcast(0x1fe01);
    expect(socket.recv(64)).toEqual(Buffer.of(1));
  });

  test('hears what is for others when it is promiscuous', () => {
    using sender = open(0x80);
    using other = open(0x90);
    using socket = open(0xa0);
    socket.setOption(canOptions.SO_J1939_PROMISC, true);
    expect(socket.getOption(canOptions.SO_J1939_PROMISC)).toBe(true);
    sender.sendto(Buffer.of(1), to(0x90));
    expect(other.recv(64)).toEqual(Buffer.of(1));
    expect(socket.recv(64)).toEqual(Buffer.of(1));
  });

  test('tells in the error queue how a transfer went', () => {
    using sender = open(0x80);
    using socket = open(0x90);
    for (const each of [sender, socket]) {
      each.setOption(canOptions.SO_J1939_ERRQUEUE, true);
      expect(each.getOption(canOptions.SO_J1939_ERRQUEUE)).toBe(true);
    }
    sender.setOption(options.SO_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_ACK);
    socket.setOption(options.SO_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE);
    sender.sendto(long, to(0x90));
    const announced = fromErrorQueue(socket);
    expect(ScmJ1939Errqueue.decode(announced)).toMatchObject({
      origin: SO_EE_ORIGIN_LOCAL,
      info: J1939_EE_INFO_RX_RTS,
    });
    expect(ScmJ1939Stats.decode(announced)).toEqual({
      bytesAcked: undefined,
      totalSize: long.length,
      pgn: PGN,
      srcName: 0n,
      destName: 0n,
      srcAddr: 0x80,
      destAddr: 0x90,
    });
    expect(socket.recv(256)).toEqual(long);
    const acknowledged = fromErrorQueue(sender);
    expect(ScmJ1939Errqueue.decode(acknowledged)).toMatchObject({
      origin: SO_EE_ORIGIN_TIMESTAMPING,
      info: SCM_TSTAMP_ACK,
    });
    expect(ScmJ1939Stats.decode(acknowledged)?.bytesAcked).toBe(long.length);
    // Nobody has this address.
    sender.sendto(long, to(0x33));
    expect(ScmJ1939Errqueue.decode(fromErrorQueue(sender))).toMatchObject({
      origin: SO_EE_ORIGIN_LOCAL,
      info: J1939_EE_INFO_TX_ABORT,
    });
  });

  describe.skipIf(!canUtils.available)(`with can-utils ${canUtils.reason}`, () => {
    test('receives what j1939cat and testj1939 send', async () => {
      using socket = open(0x90);
      const file = join(tmpdir(), `j1939-${process.pid}`);
      writeFileSync(file, long);
      // That of 2020 has no room for the control messages of newer kernels: it sends, and fails afterwards.
      new Peer('j1939cat', '-i', file, `${bus}:0x80`, `:0x90,${PGN}`);
      expect(socket.recvfrom(256)).toEqual([long, ['', 0n, PGN, 0x80]]);
      const tester = new Peer('testj1939', '-s8', `${bus}:0x81`, `${bus}:0x90,0x12300`);
      const [data, address] = socket.recvfrom(256);
      expect(data).toHaveLength(8);
      expect(address).toEqual([bus, 0n, PGN, 0x81]);
      await tester.finish();
    });

    test('gets back from testj1939 what it sends', async () => {
      using socket = open(0x80);
      new Peer('testj1939', '-e', `${bus}:0x92`);
      // It says nothing when it is ready.
      socket.settimeout(0.2);
      for (let attempt = 0; ; attempt++) {
        socket.sendto(Buffer.from('echo'), to(0x92));
        try {
          expect(socket.recvfrom(64)).toEqual([Buffer.from('echo'), [bus, 0n, PGN, 0x92]]);
          break;
        } catch (error) {
          if (attempt > LONG * 5 || (error as { code?: string }).code !== 'ETIMEDOUT') throw error;
        }
      }
    });
  });

  test.skipIf(!python.available)(`exchanges messages with CPython ${python.reason}`, async () => {
    using socket = open(0x80);
    const peer = cpython(
      bus,
      `
s = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_J1939)
s.bind((bus, socket.J1939_NO_NAME, socket.J1939_NO_PGN, 0x93))
print(*s.getsockname())
data, address = s.recvfrom(4096)
print(data.hex(), *address)
s.sendto(data[::-1], address)
`,
    );
    expect(await peer.line()).toBe(`${bus} 0 ${J1939_NO_PGN} ${0x93}`);
    socket.sendto(long, to(0x93));
    expect(await peer.line()).toBe(`${long.toString('hex')}  0 ${PGN} ${0x80}`);
    expect(socket.recvfrom(4096)).toEqual([Buffer.from(long).reverse(), ['', 0n, PGN, 0x93]]);
    await peer.finish();
  });
});
