import { execFileSync } from 'node:child_process';
import {
  AF_CAN,
  CAN_EFF_FLAG,
  CAN_EFF_MASK,
  CAN_ERR_ACK,
  CAN_ERR_BUSOFF,
  CAN_ERR_CRTL,
  CAN_ERR_MASK,
  CAN_MTU,
  CAN_RAW,
  CAN_RAW_XL_VCID_RX_FILTER,
  CAN_RAW_XL_VCID_TX_PASS,
  CAN_SFF_MASK,
  CANFD_MTU,
  CANXL_MTU,
  type CanFrameLike,
  canOptions,
  decodeFrame,
  encodeFrame,
  ScmCanRawErrqueue,
} from '@bsd-sockets/can';
import { program, socketConformance } from '@bsd-sockets/family-testkit';
import {
  CMSG_SPACE,
  MSG_CONFIRM,
  MSG_DONTROUTE,
  MSG_ERRQUEUE,
  options,
  readControl,
  SCM_TSTAMP_SND,
  SO_EE_ORIGIN_TIMESTAMPING,
  SOCK_RAW,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SOFTWARE,
  Socket,
  SoTimestamping,
  SoTimestampns,
} from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { openDescriptors } from '../../../socket/test/open-descriptors';
import { cpython, LONG, lab, Peer, receiver, virtualBus } from './vcan';

const raw = lab('SOCK_RAW', 'CAN_RAW');
const python = program('python3', 'python3');
const canUtils = program('candump', 'can-utils');
// can-utils of 2020 take an interface for CAN XL for none of CAN FD.
const bus = 'vcan-fd';
const xlBus = 'vcan-xl';

function open(bus: string): Socket<typeof AF_CAN> {
  const socket = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
  socket.settimeout(LONG);
  socket.bind([bus]);
  return socket;
}

/** Sends frames, and returns the identifiers of those that arrive, before one that always does. */
function passed(sender: Socket<typeof AF_CAN>, receiver: Socket<typeof AF_CAN>, frames: CanFrameLike[]): number[] {
  for (const frame of frames) sender.send(encodeFrame(frame));
  receiver.settimeout(0);
  const ids: number[] = [];
  for (;;) {
    try {
      const frame = decodeFrame(receiver.recv(CANXL_MTU));
      ids.push(frame.kind === 'xl' ? frame.prio : frame.kind === 'error' ? -frame.errorClass : frame.id);
    } catch {
      // A virtual bus delivers at once: what is not here by now was filtered out.
      return ids;
    }
  }
}

describe.skipIf(!raw.available)(`CAN_RAW ${raw.reason}`, () => {
  virtualBus(bus, CANFD_MTU);
  virtualBus(xlBus, CANXL_MTU);

  describe('the conformance suite', () => {
    const frame = encodeFrame({ id: 0x123, data: Buffer.from('abcdefgh') });
    const checks = socketConformance({
      family: AF_CAN,
      type: SOCK_RAW,
      proto: CAN_RAW,
      binds: [
        [[bus], [bus]],
        [[''], ['']],
      ],
      open: () => [open(bus), open(bus)],
      connected: false,
      data: frame,
    });
    for (const { name, run } of checks) test(name, run);
  });

  test('is bound by an alternative name of an interface, which may be longer', () => {
    const altname = 'the-bus-behind-the-dashboard';
    execFileSync('ip', ['link', 'property', 'add', 'dev', bus, 'altname', altname]);
    using named = open(altname);
    using sender = open(bus);
    expect(named.getsockname()).toEqual([bus]);
    expect(passed(sender, named, [{ id: 7 }])).toEqual([7]);
    execFileSync('ip', ['link', 'property', 'del', 'dev', bus, 'altname', altname]);
    using socket = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
    expect(() => socket.bind([altname])).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  });

  test('names the interface that a frame came by, and none once it is gone', () => {
    execFileSync('ip', ['link', 'add', 'dev', 'vcan-gone', 'type', 'vcan']);
    execFileSync('ip', ['link', 'set', 'vcan-gone', 'up']);
    using all = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
    using sender = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
    all.settimeout(LONG);
    all.bind(['']);
    for (let id = 1; id <= 2; id++) sender.sendto(encodeFrame({ id }), ['vcan-gone']);
    expect(all.recvfrom(CAN_MTU)[1]).toEqual(['vcan-gone']);
    execFileSync('ip', ['link', 'del', 'vcan-gone']);
    expect(all.recvfrom(CAN_MTU)[1]).toEqual(['']);
    expect(() => sender.bind(['vcan-gone'])).toThrow(expect.objectContaining({ code: 'ENODEV' }) as Error);
  });

  describe.skipIf(!canUtils.available)(`with can-utils ${canUtils.reason}`, () => {
    test.each<[string, CanFrameLike]>([
      [
        '123#DEADBEEF',
        { kind: 'classic', id: 0x123, extended: false, rtr: false, dlc: 4, data: Buffer.from('deadbeef', 'hex') },
      ],
      ['123#', { kind: 'classic', id: 0x123, extended: false, rtr: false, dlc: 0, data: Buffer.alloc(0) }],
      ['1F334455#11', { kind: 'classic', id: 0x1f334455, extended: true, rtr: false, dlc: 1, data: Buffer.of(0x11) }],
      ['123#R5', { kind: 'classic', id: 0x123, extended: false, rtr: true, dlc: 5, data: Buffer.alloc(0) }],
      [
        '123##5112233',
        {
          kind: 'fd',
          id: 0x123,
          extended: false,
          brs: true,
          esi: false,
          fdf: true,
          data: Buffer.from('112233', 'hex'),
        },
      ],
      [
        `12345678##3${'AB'.repeat(64)}`,
        { kind: 'fd', id: 0x12345678, extended: true, brs: true, esi: true, fdf: true, data: Buffer.alloc(64, 0xab) },
      ],
    ])('receives what cansend %s sends', async (text, expected) => {
      using socket = open(bus);
      socket.setOption(canOptions.CAN_RAW_FD_FRAMES, true);
      await new Peer('cansend', bus, text).finish();
      const [memory, address] = socket.recvfrom(CANFD_MTU);
      expect(decodeFrame(memory)).toEqual(expected);
      expect(address).toEqual([bus]);
    });

    test.each<[string, CanFrameLike]>([
      ['123#DEADBEEF', { id: 0x123, data: Buffer.from('deadbeef', 'hex') }],
      ['1F334455#11', { id: 0x1f334455, extended: true, data: Buffer.of(0x11) }],
      ['123#R5', { id: 0x123, rtr: true, dlc: 5 }],
      ['123##5112233', { kind: 'fd', id: 0x123, brs: true, data: Buffer.from('112233', 'hex') }],
      [`00000001##4${'AB'.repeat(64)}`, { kind: 'fd', id: 1, extended: true, data: Buffer.alloc(64, 0xab) }],
    ])('sends what candump prints as %s', async (text, frame) => {
      using socket = open(bus);
      socket.setOption(canOptions.CAN_RAW_FD_FRAMES, true);
      const candump = await receiver(bus, 'candump', '-L', '-n', '1', bus);
      expect(socket.send(encodeFrame(frame))).toBe(frame.kind === 'fd' ? CANFD_MTU : CAN_MTU);
      const line = await candump.line();
      await candump.finish();
      // candump of can-utils 2020 leaves the FDF flag out.
      expect(line.split(' ').slice(1)).toEqual([
        bus,
        expect.stringMatching(new RegExp(`^${text.replace(/##./, '##.')}$`)),
      ]);
    });

    test('receives all that cangen makes up', async () => {
      using socket = open(bus);
      socket.setOption(canOptions.CAN_RAW_FD_FRAMES, true);
      await new Peer('cangen', bus, '-g', '0', '-m', '-e', '-I', 'r', '-L', 'r', '-D', 'r', '-n', '200').finish();
      for (let count = 0; count < 200; count++) {
        const memory = socket.recv(CANFD_MTU);
        const frame = decodeFrame(memory);
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
        // cangen puts bytes into remote frames too, which do not count.
        const size = 8 + frame.data.length;
        expect(encodeFrame(frame).subarray(0, size)).toEqual(memory.subarray(0, size));
      }
    });

    test('receives error frames, as the filter asks for', async () => {
      using socket = open(bus);
      socket.setOption(canOptions.CAN_RAW_ERR_FILTER, CAN_ERR_CRTL | CAN_ERR_BUSOFF);
      expect(socket.getOption(canOptions.CAN_RAW_ERR_FILTER)).toBe(CAN_ERR_CRTL | CAN_ERR_BUSOFF);
      await new Peer('cansend', bus, '20000020#0000000000000000').finish();
      await new Peer('cansend', bus, '20000204#0010000000006080').finish();
      expect(decodeFrame(socket.recv(CAN_MTU))).toMatchObject({
        kind: 'error',
        reasons: ['CAN_ERR_CRTL', 'CAN_ERR_CRTL_RX_PASSIVE', 'CAN_ERR_CNT'],
        txErrors: 0x60,
        rxErrors: 0x80,
      });
      using sender = open(bus);
      const error: CanFrameLike = { kind: 'error', errorClass: CAN_ERR_ACK };
      socket.setOption(canOptions.CAN_RAW_ERR_FILTER, 0);
      expect(passed(sender, socket, [error])).toEqual([]);
      socket.setOption(canOptions.CAN_RAW_ERR_FILTER, CAN_ERR_MASK);
      expect(passed(sender, socket, [error])).toEqual([-CAN_ERR_ACK]);
    });
  });

  test.skipIf(!python.available)(`exchanges frames with CPython, classic and FD ${python.reason}`, async () => {
    using socket = open(bus);
    socket.setOption(canOptions.CAN_RAW_FD_FRAMES, true);
    const peer = cpython(
      bus,
      `
s = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
s.setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FD_FRAMES, 1)
s.bind((bus,))
s.send(struct.pack('=IB3x8s', 0x123 | socket.CAN_EFF_FLAG, 3, b'abc'))
for _ in range(4):
    frame, address = s.recvfrom(72)
    print(frame.hex(), *address)
    s.send(frame)
`,
    );
    const [memory, address] = socket.recvfrom(CANFD_MTU);
    expect(decodeFrame(memory)).toMatchObject({ kind: 'classic', id: 0x123, extended: true, data: Buffer.from('abc') });
    expect(address).toEqual([bus]);
    const frames: CanFrameLike[] = [
      { id: 7, data: Buffer.from('classic') },
      { id: 9, dlc: 11, data: Buffer.alloc(8, 9) },
      { id: 9, rtr: true, dlc: 14 },
      { kind: 'fd', id: 8, brs: true, data: Buffer.alloc(48, 'fd') },
    ];
    for (const frame of frames) {
      const sent = encodeFrame(frame);
      socket.send(sent);
      expect(await peer.line()).toBe(`${sent.toString('hex')} ${bus}`);
      expect(socket.recv(CANFD_MTU)).toEqual(sent);
    }
    await peer.finish();
  });

  test('exchanges CAN XL frames', () => {
    using sender = open(xlBus);
    using socket = open(xlBus);
    for (const each of [sender, socket]) {
      each.setOption(canOptions.CAN_RAW_XL_FRAMES, true);
      expect(each.getOption(canOptions.CAN_RAW_XL_FRAMES)).toBe(true);
    }
    for (const length of [1, 4, 64, 2048]) {
      const frame = {
        kind: 'xl',
        prio: 0x242,
        vcid: 0,
        sec: true,
        sdt: 3,
        af: 0xdeadbeef,
        data: Buffer.alloc(length, length),
      } as const;
      expect(sender.send(encodeFrame(frame))).toBe(12 + length);
      const [memory, address] = socket.recvfrom(CANXL_MTU);
      expect(decodeFrame(memory)).toEqual(frame);
      expect(address).toEqual([xlBus]);
    }
    const network = {
      flags: CAN_RAW_XL_VCID_TX_PASS | CAN_RAW_XL_VCID_RX_FILTER,
      txVcid: 0,
      rxVcid: 7,
      rxVcidMask: 0xff,
    };
    for (const each of [sender, socket]) each.setOption(canOptions.CAN_RAW_XL_VCID_OPTS, network);
    expect(socket.getOption(canOptions.CAN_RAW_XL_VCID_OPTS)).toEqual(network);
    const of = (vcid: number): CanFrameLike => ({ kind: 'xl', prio: vcid, vcid, data: Buffer.of(1) });
    expect(passed(sender, socket, [of(6), of(7), of(8)])).toEqual([7]);
  });

  test('filters', () => {
    using sender = open(bus);
    using socket = open(bus);
    const all = [{ canId: 0, canMask: 0, inverted: false }];
    expect(socket.getOption(canOptions.CAN_RAW_FILTER)).toEqual(all);
    const frames: CanFrameLike[] = [
      { id: 1 },
      { id: 2 },
      { id: 3 },
      { id: 2, extended: true },
      { id: 0x10002, extended: true },
    ];

    socket.setOption(canOptions.CAN_RAW_FILTER, []);
    expect(socket.getOption(canOptions.CAN_RAW_FILTER)).toEqual([]);
    expect(passed(sender, socket, frames)).toEqual([]);

    const two = { canId: 2, canMask: CAN_SFF_MASK | CAN_EFF_FLAG, inverted: false };
    socket.setOption(canOptions.CAN_RAW_FILTER, [two]);
    expect(passed(sender, socket, frames)).toEqual([2]);

    socket.setOption(canOptions.CAN_RAW_FILTER, [two, { canId: CAN_EFF_FLAG | 0x10002, canMask: CAN_EFF_MASK }]);
    expect(passed(sender, socket, frames)).toEqual([2, 0x10002]);

    const notTwo = { canId: 2, canMask: CAN_SFF_MASK, inverted: true };
    socket.setOption(canOptions.CAN_RAW_FILTER, [notTwo]);
    expect(socket.getOption(canOptions.CAN_RAW_FILTER)).toEqual([notTwo]);
    expect(passed(sender, socket, frames)).toEqual([1, 3]);

    const notOne = { canId: 1, canMask: CAN_SFF_MASK, inverted: true };
    socket.setOption(canOptions.CAN_RAW_FILTER, [notOne, notTwo]);
    socket.setOption(canOptions.CAN_RAW_JOIN_FILTERS, true);
    expect(socket.getOption(canOptions.CAN_RAW_JOIN_FILTERS)).toBe(true);
    expect(passed(sender, socket, frames)).toEqual([3]);
  });

  test('loops back, to others and to itself, as the options say', () => {
    using sender = open(bus);
    using socket = open(bus);
    const flags = (socket: Socket<typeof AF_CAN>) => socket.recvmsg(CAN_MTU)[2] & (MSG_DONTROUTE | MSG_CONFIRM);
    sender.send(encodeFrame({ id: 1 }));
    expect(flags(socket)).toBe(MSG_DONTROUTE);
    sender.setOption(canOptions.CAN_RAW_RECV_OWN_MSGS, true);
    expect(sender.getOption(canOptions.CAN_RAW_RECV_OWN_MSGS)).toBe(true);
    sender.send(encodeFrame({ id: 2 }));
    expect(flags(sender)).toBe(MSG_DONTROUTE | MSG_CONFIRM);
    expect(flags(socket)).toBe(MSG_DONTROUTE);
    sender.setOption(canOptions.CAN_RAW_LOOPBACK, false);
    expect(sender.getOption(canOptions.CAN_RAW_LOOPBACK)).toBe(false);
    expect(passed(sender, socket, [{ id: 3 }])).toEqual([]);
  });

  test('tells when a frame was received and sent', () => {
    using sender = open(bus);
    using socket = open(bus);
    const now = () => BigInt(Date.now()) * 1_000_000n;
    const before = now() - 1_000_000_000n;
    const near = (time: bigint | undefined) => time !== undefined && time > before && time < now() + 1_000_000_000n;

    socket.setOption(options.SO_TIMESTAMPNS, true);
    sender.send(encodeFrame({ id: 1 }));
    expect(near(SoTimestampns.decode(socket.recvmsg(CAN_MTU, CMSG_SPACE(16))[1]))).toBe(true);
    socket.setOption(options.SO_TIMESTAMPNS, false);

    socket.setOption(options.SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
    sender.setOption(options.SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
    sender.send(encodeFrame({ id: 2, data: Buffer.from('x') }));
    const [memory, received] = socket.recvmsg(CAN_MTU, CMSG_SPACE(48));
    expect(decodeFrame(memory)).toMatchObject({ id: 2 });
    expect(near(SoTimestamping.decode(received)?.software)).toBe(true);
    const [, sent] = sender.recvmsg(CANFD_MTU, 256, MSG_ERRQUEUE);
    expect(near(SoTimestamping.decode(sent)?.software)).toBe(true);
    expect(ScmCanRawErrqueue.decode(sent)).toMatchObject({ origin: SO_EE_ORIGIN_TIMESTAMPING, info: SCM_TSTAMP_SND });
    expect(readControl(sent, AF_CAN).map(({ name }) => name)).toContain('SCM_CAN_RAW_ERRQUEUE');
  });

  test('gives clear errors, and leaves no descriptor open', () => {
    const before = openDescriptors();
    {
      using socket = open(bus);
      const code = (code: string) => expect.objectContaining({ code }) as Error;
      expect(() => socket.send(Buffer.alloc(15))).toThrow(code('EINVAL'));
      expect(() => socket.send(encodeFrame({ kind: 'fd', id: 1 }))).toThrow(code('EINVAL'));
      expect(() => socket.bind([bus, 1, 2])).toThrow(code('ERR_INVALID_ARG_TYPE'));
      socket.settimeout(0.05);
      expect(() => socket.recv(CAN_MTU)).toThrow(code('ETIMEDOUT'));
      socket.settimeout(0);
      expect(() => socket.recv(CAN_MTU)).toThrow(code('EAGAIN'));
    }
    expect(openDescriptors()).toEqual(before);
  });
});
