import { spawnSync } from 'node:child_process';
import { program } from '@bsd-sockets/family-testkit';
import * as packet from '@bsd-sockets/packet';
import { assemble, attachedFilter, attachFilter, type Filter, filter, parseProgram } from '@bsd-sockets/packet';
import { AF_INET, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { inNamespace, missing } from './namespace';

const tcpdump = program('tcpdump', 'tcpdump');
const reason = [missing, tcpdump.reason].filter(Boolean).join(' ');

/** Conditions, and what tcpdump calls them. */
const same: [expression: string, filter: Filter][] = [
  ['ether proto 0x88b5', filter.etherType(0x88b5)],
  ['ether host 02:00:00:00:00:01', filter.etherHost(Buffer.from('020000000001', 'hex'))],
  ['ip host 10.0.0.1', filter.host('10.0.0.1')],
  ['ip6 host 2001:db8::1', filter.host('2001:db8::1')],
  ['udp', filter.ipProtocol(17)],
  ['udp port 53', filter.udpPort(53)],
  ['tcp port 80', filter.tcpPort(80)],
  ['not udp port 53', filter.not(filter.udpPort(53))],
  [
    'ip host 10.0.0.1 and udp port 53 or arp',
    filter.or(filter.and(filter.host('10.0.0.1'), filter.udpPort(53)), filter.etherType(0x0806)),
  ],
  [
    'not (tcp port 80 or udp port 53) and ip',
    filter.and(filter.not(filter.or(filter.tcpPort(80), filter.udpPort(53))), filter.etherType(0x0800)),
  ],
  ['greater 61', filter.longerThan(60)],
  ['ether[14] & 0xf0 = 0x40', filter.field({ offset: 14, size: 1, mask: 0xf0, value: 0x40 })],
  // More than the 255 instructions that a conditional jump reaches.
  [
    Array.from({ length: 40 }, (_, index) => `udp port ${1000 + index}`)
      .concat('udp port 53')
      .join(' or '),
    filter.or(...Array.from({ length: 40 }, (_, index) => filter.udpPort(1000 + index)), filter.udpPort(53)),
  ],
];

function compiled(expression: string) {
  const { status, stdout, stderr } = spawnSync('tcpdump', ['-ddd', '-y', 'EN10MB', expression], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return parseProgram(stdout);
}

describe.skipIf(reason !== '')(`filters in the kernel ${reason}`, () => {
  test('let pass the same frames as those of tcpdump', () => {
    const programs = same.map(([expression, filter]) => ({
      expression,
      ours: assemble(filter),
      theirs: compiled(expression),
    }));
    const body = `({ s, p, listen }) => {
      const programs = ${JSON.stringify(programs)};
      let seed = 42;
      const random = (below) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0, Math.floor(seed / 2 ** 32 * below));
      const pick = (list) => list[random(list.length)];
      // Frames near what the filters look for, so that each place of them decides now and then.
      const make = () => {
        const frame = Buffer.alloc(pick([60, 60, 61, 62, 90, 120]));
        Buffer.from(pick(['020000000001', '02000000000b', '020000000002']), 'hex').copy(frame);
        Buffer.from(pick(['020000000001', '02000000000a']), 'hex').copy(frame, 6);
        const type = pick([0x800, 0x800, 0x86dd, 0x86dd, 0x806, 0x88b5]);
        frame.writeUInt16BE(type, 12);
        const ports = [53, 80, 1000, 1039, 1040, 5];
        if (type === 0x86dd) {
          frame[14] = 0x60;
          frame[20] = pick([17, 17, 6, 44, 58]);
          for (const at of [22, 38]) Buffer.from(pick(['20010db8000000000000000000000001', '20010db8000000000000000000000002']), 'hex').copy(frame, at);
          frame.writeUInt16BE(frame[20] === 44 ? pick([17, 6]) << 8 : pick(ports), 54);
          frame.writeUInt16BE(pick(ports), 56);
        } else {
          const words = pick([5, 5, 5, 6, 7, 0, 15]);
          frame[14] = pick([0x40, 0x40, 0x50]) | words;
          frame.writeUInt16BE(pick([0, 0, 0x4000, 0x2000, 0x2001, 1]), 20);
          frame[23] = pick([17, 17, 6, 1]);
          for (const at of [26, 30]) Buffer.from(pick(['0a000001', '0a000002']), 'hex').copy(frame, at);
          for (const at of [0, 2]) if (14 + 4 * words + at + 2 <= frame.length) frame.writeUInt16BE(pick(ports), 14 + 4 * words + at);
        }
        return frame;
      };
      const open = (program) => {
        const socket = new s.Socket(p.AF_PACKET, s.SOCK_RAW, 0);
        socket.setOption(s.options.SO_RCVBUF, 4_000_000);
        p.attachFilter(socket, program);
        socket.bind(['v1', p.ETH_P_ALL]);
        socket.setblocking(false);
        return socket;
      };
      const drain = (socket) => {
        const frames = [];
        try { for (;;) frames.push(socket.recv(200).toString('hex')); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
        return frames;
      };
      const sockets = programs.map(({ ours, theirs }) => [open(ours), open(theirs)]);
      const sender = listen('v0');
      const sent = [];
      const results = programs.map(() => ({ ours: 0, same: true }));
      for (let round = 0; round < 10; round++) {
        for (let count = 0; count < 100; count++) sender.send(make());
        sockets.forEach(([ours, theirs], index) => {
          const [a, b] = [drain(ours), drain(theirs)];
          results[index].ours += a.length;
          results[index].same &&= a.join() === b.join();
        });
      }
      return results;
    }`;
    const results = inNamespace<any>({ toString: () => body } as never);
    const table = same.map(([expression], index) => ({ expression, ...results[index] }));
    expect(table.filter((row) => !row.same)).toEqual([]);
    // Each decides: it lets some of the 1000 pass, and not all.
    expect(table.filter((row) => row.ours === 0 || row.ours === 1000)).toEqual([]);
  });

  test('know the tag that the kernel took off, cut frames, and look into cooked ones', () => {
    const [tagged, cut, cooked, readBack] = inNamespace(({ s, p, listen, frame }) => {
      const { filter } = p;
      const open = (condition: InstanceType<typeof p.Filter>, type = s.SOCK_RAW, snaplen?: number) => {
        const socket = new s.Socket(p.AF_PACKET, type, 0);
        p.attachFilter(socket, snaplen === undefined ? condition : p.assemble(condition, { snaplen }));
        socket.bind(['v1', p.ETH_P_ALL]);
        socket.settimeout(10);
        return socket;
      };
      const vlan = open(filter.vlan(7));
      const short = open(filter.etherType(0x88b5), s.SOCK_RAW, 16);
      const dgram = open(filter.and(filter.host('10.0.0.1'), filter.udpPort(53)), s.SOCK_DGRAM);
      const sender = listen('v0');
      for (const id of [6, 7]) sender.send(frame(`tag ${id}`, { tags: [{ id }], etherType: 0x88b6 }));
      sender.send(frame('cut me'));
      const ip = (port: number) =>
        Buffer.from(
          `4500001c00000000401100000a0000010a000002${port.toString(16).padStart(4, '0')}0009000800006869`,
          'hex',
        );
      for (const port of [54, 53]) sender.send(frame(ip(port), { etherType: p.ETH_P_IP }));
      const back = JSON.stringify(p.attachedFilter(vlan)) === JSON.stringify(p.assemble(filter.vlan(7)));
      return [
        vlan.recv(100).toString('latin1', 14),
        short.recv(100).toString('latin1', 14),
        dgram.recv(100).toString('hex', 20, 22),
        back,
      ];
    });
    expect([tagged, cut, cooked, readBack]).toEqual(['tag 7', 'cu', '0035', true]);
  });

  test('can be taken away until they are locked', () => {
    const codes = inNamespace(({ s, p, listen }) => {
      const socket = listen('v1');
      const outcome = (call: () => void) => {
        try {
          call();
          return 'done';
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      };
      const any = p.filter.longerThan(0);
      const steps = [
        () => p.detachFilter(socket),
        () => p.attachFilter(socket, any),
        () => p.detachFilter(socket),
        () => p.attachFilter(socket, [{ code: 0xffff, jt: 0, jf: 0, k: 0 }]),
        () => p.attachFilter(socket, any),
        () => p.lockFilter(socket),
        () => p.detachFilter(socket),
        () => p.attachFilter(socket, any),
        () => p.setFanoutProgram(socket, p.assemble(any)),
      ].map(outcome);
      // The kernel counts the instructions, this the bytes.
      steps.push(`${socket.getsockopt(s.SOL_SOCKET, s.SO_ATTACH_FILTER, 40).length}`);
      steps.push(outcome(() => socket.getsockopt(s.SOL_SOCKET, s.SO_ATTACH_FILTER, 16)));
      socket.close();
      steps.push(outcome(() => p.attachFilter(socket, any)));
      return steps;
    });
    expect(codes).toEqual([
      'ENOENT',
      'done',
      'done',
      'EINVAL',
      'done',
      'done',
      'EPERM',
      'EPERM',
      'EINVAL',
      '32',
      'EINVAL',
      'EBADF',
    ]);
  });
});

describe('instructions', () => {
  // ld len; jgt #12, 0, 1; ret -1; ret 0: datagrams that have more than 4 bytes behind the header of UDP.
  const program = [
    { code: 0x80, jt: 0, jf: 0, k: 0 },
    { code: 0x25, jt: 0, jf: 1, k: 12 },
    { code: 0x06, jt: 0, jf: 0, k: 0xffffffff },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
  ];
  const tuples = program.map(({ code, jt, jf, k }) => [code, jt, jf, k] as const);
  const packed = Buffer.concat(
    tuples.map(([code, jt, jf, k]) => {
      // struct.pack('HBBI', …)
      const instruction = Buffer.from([0, 0, jt, jf, 0, 0, 0, 0]);
      new Uint16Array(instruction.buffer, instruction.byteOffset, 1)[0] = code;
      instruction.writeUInt32LE(k, 4);
      return instruction;
    }),
  );

  test.each([
    ['objects', program],
    ['tuples', tuples],
    ['bytes', packed],
    ['an ArrayBuffer', new Uint8Array(packed).buffer],
  ])('are taken as %s', (_form, given) => {
    using receiver = new Socket(AF_INET, SOCK_DGRAM);
    using sender = new Socket(AF_INET, SOCK_DGRAM);
    attachFilter(receiver, given);
    expect(attachedFilter(receiver)).toEqual(program);
    receiver.bind(['127.0.0.1', 0]);
    receiver.settimeout(10);
    for (const text of ['1234', '12345']) sender.sendto(Buffer.from(text), receiver.getsockname());
    expect(`${receiver.recv(9)}`).toBe('12345');
  });

  test.each([
    ['a tuple of three', [[6, 0, 0]], 'ERR_INVALID_ARG_TYPE'],
    ['a tuple with text', [[6, 0, 0, '0']], 'ERR_INVALID_ARG_TYPE'],
    ['a tuple out of range', [[6, 256, 0, 0]], 'ERR_OUT_OF_RANGE'],
    ['half an instruction', Buffer.alloc(12), 'ERR_INVALID_ARG_VALUE'],
    ['no bytes', Buffer.alloc(0), 'ERR_INVALID_ARG_VALUE'],
    ['too many bytes', Buffer.alloc(8 * 4097), 'ERR_INVALID_ARG_VALUE'],
    ['text', 'ret 0', 'ERR_INVALID_ARG_TYPE'],
  ])('are refused as %s', (_what, given, code) => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    expect(() => attachFilter(socket, given as never)).toThrow(expect.objectContaining({ code }));
  });
});

describe('conditions', () => {
  test.each([
    ['no type', () => filter.etherType(undefined as never), 'ERR_INVALID_ARG_TYPE'],
    ['a port too large', () => filter.udpPort(65536), 'ERR_OUT_OF_RANGE'],
    ['a host name', () => filter.host('localhost'), 'ERR_INVALID_ARG_VALUE'],
    ['no host', () => filter.host(1 as never), 'ERR_INVALID_ARG_TYPE'],
    ['a zone', () => filter.host('fe80::1%lo'), 'ERR_INVALID_ARG_VALUE'],
    ['a short address', () => filter.etherHost(Buffer.alloc(5)), 'ERR_INVALID_ARG_VALUE'],
    ['nothing to join', () => filter.and(), 'ERR_INVALID_ARG_VALUE'],
    ['what is no filter', () => filter.not({} as never), 'ERR_INVALID_ARG_TYPE'],
    ['a size that no load has', () => filter.field({ offset: 0, size: 3 as never, value: 0 }), 'ERR_INVALID_ARG_VALUE'],
    ['a value too wide', () => filter.field({ offset: 0, size: 1, value: 256 }), 'ERR_OUT_OF_RANGE'],
    ['a length of 0', () => assemble(filter.longerThan(1), { snaplen: 0 }), 'ERR_OUT_OF_RANGE'],
    [
      'an Ethernet address without Ethernet',
      () => assemble(filter.etherHost(Buffer.alloc(6)), { type: SOCK_DGRAM! }),
      'ERR_INVALID_ARG_VALUE',
    ],
    ['a program of the wrong length', () => parseProgram('2\n6 0 0 0\n'), 'ERR_INVALID_ARG_VALUE'],
    ['a program of words', () => parseProgram('1\nret 0\n'), 'ERR_INVALID_ARG_VALUE'],
    ['a program out of range', () => parseProgram('1\n6 256 0 0\n'), 'ERR_OUT_OF_RANGE'],
  ])('refuse %s', (_, call, code) => {
    expect(call).toThrowError(expect.objectContaining({ code }));
  });
});

test.each([undefined, null, 5, {}])('%s is no socket', (socket) => {
  const given = socket as never;
  for (const call of [
    () => attachFilter(given, []),
    () => packet.setFanoutProgram(given, []),
    () => packet.detachFilter(given),
    () => packet.lockFilter(given),
    () => attachedFilter(given),
    () => new packet.PacketRing(given),
  ]) {
    expect(call).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/^socket: expected a socket, got /),
      }),
    );
  }
});
