import {
  AF_CAN,
  CAN_ISOTP,
  CAN_ISOTP_FORCE_TXSTMIN,
  CAN_ISOTP_RX_EXT_ADDR,
  CAN_ISOTP_RX_PADDING,
  CAN_ISOTP_TX_PADDING,
  CAN_RAW,
  CANFD_BRS,
  CANFD_MTU,
  type CanAddress,
  type CanAddressLike,
  canOptions,
  decodeFrame,
  encodeCanId,
} from '@bsd-sockets/can';
import { program, socketConformance } from '@bsd-sockets/family-testkit';
import { SOCK_DGRAM, SOCK_RAW, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { cpython, LONG, lab, Peer, receiver, virtualBus } from './vcan';

const isotp = lab('SOCK_DGRAM', 'CAN_ISOTP');
const canUtils = program('isotprecv', 'can-utils');
const python = program('python3', 'python3');
const bus = 'vcan-isotp';
const text = Buffer.from('a message that needs several frames '.repeat(10));
type CanSocket = Socket<typeof AF_CAN>;

function open(rxAddr: number, txAddr: number, prepare?: (socket: CanSocket) => void): CanSocket {
  const socket = new Socket(AF_CAN, SOCK_DGRAM, CAN_ISOTP);
  socket.settimeout(LONG);
  prepare?.(socket);
  socket.bind([bus, rxAddr, txAddr]);
  return socket;
}

/** Bytes as isotpsend reads and isotprecv writes them. */
function spaced(data: Buffer): string {
  return data.toString('hex').toUpperCase().match(/../g)!.join(' ');
}

describe.skipIf(!isotp.available)(`CAN_ISOTP ${isotp.reason}`, () => {
  virtualBus(bus, CANFD_MTU);

  describe('the conformance suite', () => {
    const extended: CanAddressLike = [bus, encodeCanId({ id: 0x1ff, extended: true }), 0x456];
    const checks = socketConformance({
      family: AF_CAN,
      type: SOCK_DGRAM,
      proto: CAN_ISOTP,
      binds: [
        [
          [bus, 0x123, 0x456],
          [bus, 0x123, 0x456],
        ],
        [extended, [bus, 0x800001ff, 0x456]],
      ],
      open: () => [open(0x10, 0x20), open(0x20, 0x10)],
      connected: false,
      // Of the sender the kernel tells only the interface.
      from: (): CanAddress => [bus, 0, 0],
      data: text,
    });
    for (const { name, run } of checks) test(name, run);
  });

  describe.skipIf(!canUtils.available)(`with can-utils ${canUtils.reason}`, () => {
    test('receives what isotpsend sends', async () => {
      using socket = open(0x321, 0x123);
      for (const data of [Buffer.of(1), text]) {
        const peer = new Peer('isotpsend', '-s', '321', '-d', '123', bus);
        peer.end(spaced(data));
        await peer.finish();
        expect(socket.recvfrom(4096)).toEqual([data, [bus, 0, 0]]);
      }
    });

    test('sends what isotprecv prints', async () => {
      using socket = open(0x123, 0x321);
      for (const data of [Buffer.of(1), text]) {
        const peer = await receiver(bus, 'isotprecv', '-s', '123', '-d', '321', bus);
        expect(socket.send(data)).toBe(data.length);
        expect((await peer.line()).trim()).toBe(spaced(data));
        await peer.finish();
      }
    });

    test('keeps to padding and to frames of CAN FD, as the options say', async () => {
      using socket = open(0x123, 0x321, (socket) => {
        socket.setOption(canOptions.CAN_ISOTP_LL_OPTS, { mtu: CANFD_MTU, txDl: 64, txFlags: CANFD_BRS });
        socket.setOption(canOptions.CAN_ISOTP_OPTS, { flags: CAN_ISOTP_TX_PADDING, txpadContent: 0xaa });
      });
      using observer = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
      observer.settimeout(LONG);
      observer.setOption(canOptions.CAN_RAW_FD_FRAMES, true);
      observer.setOption(canOptions.CAN_RAW_FILTER, [{ canId: 0x321, canMask: 0x7ff }]);
      observer.bind([bus]);
      const peer = await receiver(bus, 'isotprecv', '-s', '123', '-d', '321', '-L', '72:64:1', bus);
      socket.send(text);
      expect((await peer.line()).trim()).toBe(spaced(text));
      const first = decodeFrame(observer.recv(CANFD_MTU));
      expect(first).toMatchObject({ kind: 'fd', id: 0x321, brs: true });
      expect(first.data).toHaveLength(64);
      await peer.finish();
    });
  });

  test.skipIf(!python.available)(`exchanges messages with CPython ${python.reason}`, async () => {
    using socket = open(0x71, 0x72);
    const peer = cpython(
      bus,
      `
s = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_ISOTP)
s.bind((bus, 0x72, 0x71))
print(*s.getsockname())
data, address = s.recvfrom(4096)
print(data.hex(), *address)
s.send(data[::-1])
`,
    );
    expect(await peer.line()).toBe(`${bus} 114 113`);
    socket.send(text);
    expect(await peer.line()).toBe(`${text.toString('hex')} ${bus} 0 0`);
    expect(socket.recvmsg(4096)).toEqual([Buffer.from(text).reverse(), [], 0, [bus, 0, 0]]);
    await peer.finish();
  });

  test('has options that come out as they went in', () => {
    using socket = new Socket(AF_CAN, SOCK_DGRAM, CAN_ISOTP);
    const opts = {
      flags: CAN_ISOTP_TX_PADDING | CAN_ISOTP_RX_PADDING | CAN_ISOTP_RX_EXT_ADDR | CAN_ISOTP_FORCE_TXSTMIN,
      frameTxtime: 1000,
      extAddress: 1,
      txpadContent: 2,
      rxpadContent: 3,
      rxExtAddress: 4,
    };
    socket.setOption(canOptions.CAN_ISOTP_OPTS, opts);
    expect(socket.getOption(canOptions.CAN_ISOTP_OPTS)).toEqual(opts);
    const fc = { bs: 8, stmin: 0xf1, wftmax: 2 };
    socket.setOption(canOptions.CAN_ISOTP_RECV_FC, fc);
    expect(socket.getOption(canOptions.CAN_ISOTP_RECV_FC)).toEqual(fc);
    const ll = { mtu: CANFD_MTU, txDl: 48, txFlags: CANFD_BRS };
    socket.setOption(canOptions.CAN_ISOTP_LL_OPTS, ll);
    expect(socket.getOption(canOptions.CAN_ISOTP_LL_OPTS)).toEqual(ll);
    for (const option of [canOptions.CAN_ISOTP_TX_STMIN, canOptions.CAN_ISOTP_RX_STMIN]) {
      socket.setOption(option, 2_000_000_000);
      expect(socket.getOption(option)).toBe(2_000_000_000);
    }
    const wrong = { ...ll, txDl: 9 };
    expect(() => socket.setOption(canOptions.CAN_ISOTP_LL_OPTS, wrong)).toThrow(/EINVAL.*CAN_ISOTP_LL_OPTS/s);
    socket.bind([bus, 1, 2]);
    expect(() => socket.setOption(canOptions.CAN_ISOTP_RECV_FC, fc)).toThrow(/CAN_ISOTP_RECV_FC/);
  });

  test('gives clear errors', () => {
    using socket = new Socket(AF_CAN, SOCK_DGRAM, CAN_ISOTP);
    const code = (code: string) => expect.objectContaining({ code }) as Error;
    expect(() => socket.bind([bus])).toThrow(code('ERR_INVALID_ARG_TYPE'));
    expect(() => socket.bind([bus, 5, 5])).toThrow(code('EADDRNOTAVAIL'));
    expect(() => socket.send(text)).toThrow(code('EADDRNOTAVAIL'));
  });
});
