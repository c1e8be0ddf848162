import {
  AF_CAN,
  type BcmMessage,
  type BcmMessageLike,
  CAN_BCM,
  CAN_BCM_CAN_FD_FRAME,
  CAN_BCM_RX_CHANGED,
  CAN_BCM_RX_DELETE,
  CAN_BCM_RX_FILTER_ID,
  CAN_BCM_RX_READ,
  CAN_BCM_RX_SETUP,
  CAN_BCM_RX_STATUS,
  CAN_BCM_RX_TIMEOUT,
  CAN_BCM_SETTIMER,
  CAN_BCM_STARTTIMER,
  CAN_BCM_TX_COUNTEVT,
  CAN_BCM_TX_DELETE,
  CAN_BCM_TX_EXPIRED,
  CAN_BCM_TX_READ,
  CAN_BCM_TX_SEND,
  CAN_BCM_TX_SETUP,
  CAN_BCM_TX_STATUS,
  CAN_MTU,
  CAN_RAW,
  CANFD_MTU,
  canOptions,
  decodeBcmMessage,
  decodeFrame,
  encodeBcmMessage,
  encodeFrame,
} from '@bsd-sockets/can';
import { program } from '@bsd-sockets/family-testkit';
import { SOCK_DGRAM, SOCK_RAW, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { cpython, LONG, lab, Peer, receiver, virtualBus } from './vcan';

const bcm = lab('SOCK_DGRAM', 'CAN_BCM');
const canUtils = program('candump', 'can-utils');
const python = program('python3', 'python3');
const bus = 'vcan-bcm';
const timer = CAN_BCM_SETTIMER | CAN_BCM_STARTTIMER;
type CanSocket = Socket<typeof AF_CAN>;

function open(): CanSocket {
  const socket = new Socket(AF_CAN, SOCK_DGRAM, CAN_BCM);
  socket.settimeout(LONG);
  socket.connect([bus]);
  return socket;
}

function openRaw(): CanSocket {
  const socket = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
  socket.settimeout(LONG);
  socket.setOption(canOptions.CAN_RAW_FD_FRAMES, true);
  socket.bind([bus]);
  return socket;
}

function send(socket: CanSocket, message: BcmMessageLike): void {
  const memory = encodeBcmMessage(message);
  expect(socket.send(memory)).toBe(memory.length);
}

function receive(socket: CanSocket): BcmMessage {
  return decodeBcmMessage(socket.recv(4096));
}

describe.skipIf(!bcm.available)(`CAN_BCM ${bcm.reason}`, () => {
  virtualBus(bus, CANFD_MTU);

  test('sends a frame once', () => {
    using socket = open();
    using observer = openRaw();
    send(socket, { opcode: CAN_BCM_TX_SEND, id: 0x123, frames: [{ data: Buffer.from('once') }] });
    expect(decodeFrame(observer.recv(CANFD_MTU))).toMatchObject({ id: 0x123, data: Buffer.from('once') });
    const flags = CAN_BCM_CAN_FD_FRAME;
    const frame = { brs: true, data: Buffer.alloc(64, 1) };
    send(socket, { opcode: CAN_BCM_TX_SEND, flags, id: 0x1ffff, extended: true, frames: [frame] });
    expect(decodeFrame(observer.recv(CANFD_MTU))).toMatchObject({ kind: 'fd', id: 0x1ffff, extended: true, ...frame });
  });

  test('sends frames in a cycle, fast first and slow then, until it is told to stop', () => {
    using socket = open();
    using observer = openRaw();
    send(socket, {
      opcode: CAN_BCM_TX_SETUP,
      flags: timer | CAN_BCM_TX_COUNTEVT,
      count: 3,
      ival1: 0.01,
      ival2: 0.02,
      id: 0x42,
      frames: [{ data: Buffer.of(1) }, { data: Buffer.of(2) }],
    });
    const data = Array.from({ length: 6 }, () => decodeFrame(observer.recv(CANFD_MTU)).data[0]);
    expect(data).toEqual([1, 2, 1, 2, 1, 2]);
    expect(receive(socket)).toMatchObject({ opcode: CAN_BCM_TX_EXPIRED, id: 0x42, frames: [] });

    send(socket, { opcode: CAN_BCM_TX_READ, id: 0x42 });
    expect(receive(socket)).toMatchObject({
      opcode: CAN_BCM_TX_STATUS,
      ival1: 0.01,
      ival2: 0.02,
      frames: [{ data: Buffer.of(1) }, { data: Buffer.of(2) }],
    });

    send(socket, { opcode: CAN_BCM_TX_DELETE, id: 0x42 });
    observer.settimeout(0);
    for (;;) {
      try {
        observer.recv(CANFD_MTU);
      } catch {
        break;
      }
    }
    observer.settimeout(0.2);
    expect(() => observer.recv(CANFD_MTU)).toThrow(expect.objectContaining({ code: 'ETIMEDOUT' }) as Error);
    expect(() => send(socket, { opcode: CAN_BCM_TX_DELETE, id: 0x42 })).toThrow(
      expect.objectContaining({ code: 'EINVAL' }) as Error,
    );
  });

  test('tells only of changed content, and of a frame that stays out', () => {
    using socket = open();
    using sender = openRaw();
    send(socket, {
      opcode: CAN_BCM_RX_SETUP,
      flags: timer,
      ival1: 0.1,
      id: 0x123,
      // The first byte counts, and no other.
      frames: [{ data: Buffer.of(0xff, 0, 0, 0, 0, 0, 0, 0) }],
    });
    const content = (...bytes: number[]) => void sender.send(encodeFrame({ id: 0x123, data: Buffer.from(bytes) }));
    // A timeout comes in between when the machine is slow.
    const changed = () => {
      for (;;) {
        const message = receive(socket);
        if (message.opcode !== CAN_BCM_RX_TIMEOUT) return message;
      }
    };
    content(1, 1);
    content(1, 2);
    content(2, 3);
    expect(changed()).toMatchObject({
      opcode: CAN_BCM_RX_CHANGED,
      id: 0x123,
      frames: [{ kind: 'classic', id: 0x123, data: Buffer.of(1, 1) }],
    });
    expect(changed()).toMatchObject({ opcode: CAN_BCM_RX_CHANGED, frames: [{ data: Buffer.of(2, 3) }] });
    expect(receive(socket)).toMatchObject({ opcode: CAN_BCM_RX_TIMEOUT, id: 0x123, frames: [] });

    send(socket, { opcode: CAN_BCM_RX_READ, id: 0x123 });
    expect(changed()).toMatchObject({ opcode: CAN_BCM_RX_STATUS, ival1: 0.1 });
    send(socket, { opcode: CAN_BCM_RX_DELETE, id: 0x123 });
    content(9);
    socket.settimeout(0.2);
    expect(() => {
      // At most one timeout was on its way.
      receive(socket);
      receive(socket);
    }).toThrow(expect.objectContaining({ code: 'ETIMEDOUT' }) as Error);
  });

  test('notifies of every frame of an identifier, and names its interface', () => {
    using socket = new Socket(AF_CAN, SOCK_DGRAM, CAN_BCM);
    socket.settimeout(LONG);
    socket.connect(['']);
    using sender = openRaw();
    socket.sendto(encodeBcmMessage({ opcode: CAN_BCM_RX_SETUP, flags: CAN_BCM_RX_FILTER_ID, id: 7 }), [bus]);
    for (let round = 0; round < 2; round++) {
      sender.send(encodeFrame({ id: 7, data: Buffer.of(1) }));
      const [memory, address] = socket.recvfrom(256);
      expect(decodeBcmMessage(memory)).toMatchObject({ opcode: CAN_BCM_RX_CHANGED, frames: [{ id: 7 }] });
      expect(address).toEqual([bus]);
    }
  });

  describe.skipIf(!canUtils.available)(`with can-utils ${canUtils.reason}`, () => {
    test('sends a cycle that candump prints', async () => {
      using socket = open();
      const candump = await receiver(bus, 'candump', '-L', '-n', '3', bus);
      send(socket, {
        opcode: CAN_BCM_TX_SETUP,
        flags: timer,
        ival2: 0.02,
        id: 0x7ab,
        frames: [{ data: Buffer.of(0xab) }],
      });
      for (let count = 0; count < 3; count++) expect(await candump.line()).toMatch(new RegExp(` ${bus} 7AB#AB`));
      await candump.finish();
    });

    test('tells what cansend sends', async () => {
      using socket = open();
      send(socket, { opcode: CAN_BCM_RX_SETUP, flags: CAN_BCM_RX_FILTER_ID, id: 0x7ab });
      await new Peer('cansend', bus, '7AB#C0FFEE').finish();
      expect(receive(socket)).toMatchObject({
        opcode: CAN_BCM_RX_CHANGED,
        frames: [{ data: Buffer.from('c0ffee', 'hex') }],
      });
    });
  });

  test.skipIf(!python.available)(`has the messages of CPython's example ${python.reason}`, async () => {
    using observer = openRaw();
    const frame = encodeFrame({ id: 0x55, data: Buffer.from('cyclic') });
    const message = encodeBcmMessage({
      opcode: CAN_BCM_TX_SETUP,
      flags: timer,
      ival2: 0.02,
      id: 0x55,
      frames: [{ data: Buffer.from('cyclic') }],
    });
    const peer = cpython(
      bus,
      `
head = struct.Struct('@3I4l2I0q')
frame = struct.pack('=IB3x8s', 0x55, 6, b'cyclic')
message = head.pack(socket.CAN_BCM_TX_SETUP, socket.CAN_BCM_SETTIMER | socket.CAN_BCM_STARTTIMER, 0, 0, 0, 0, 20000, 0x55, 1) + frame
print(message.hex())
s = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_BCM)
s.connect((bus,))
s.send(message)
t = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_BCM)
t.connect((bus,))
t.send(head.pack(socket.CAN_BCM_RX_SETUP, socket.CAN_BCM_RX_FILTER_ID, 0, 0, 0, 0, 0, 0x66, 0))
print('ready')
print(t.recv(256).hex())
`,
    );
    expect(await peer.line()).toBe(message.toString('hex'));
    expect(observer.recv(CANFD_MTU).subarray(0, CAN_MTU)).toEqual(frame);
    expect(await peer.line()).toBe('ready');
    using socket = open();
    send(socket, { opcode: CAN_BCM_TX_SEND, id: 0x66, frames: [{ data: Buffer.of(6) }] });
    expect(decodeBcmMessage(Buffer.from(await peer.line(), 'hex'))).toMatchObject({
      opcode: CAN_BCM_RX_CHANGED,
      frames: [{ id: 0x66, data: Buffer.of(6) }],
    });
    await peer.finish();
  });
});
