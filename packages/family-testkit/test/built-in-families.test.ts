import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boundPair,
  type Check,
  capability,
  codecConformance,
  connectedPair,
  type SocketSubject,
  socketConformance,
} from '@bsd-sockets/family-testkit';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  familyOf,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  socketpair,
  type UnixAddress,
} from '@bsd-sockets/socket';
import { afterAll, describe, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

function runAll(checks: Check[]): void {
  for (const { name, run } of checks) test(name, run);
}

const TYPE = { code: 'ERR_INVALID_ARG_TYPE' };
const RANGE = { code: 'ERR_OUT_OF_RANGE' };
const VALUE = { code: 'ERR_INVALID_ARG_VALUE' };

describe('the codec of AF_INET', () => {
  runAll(
    codecConformance({
      family: familyOf(AF_INET),
      accepted: [
        [
          ['127.0.0.1', 80],
          ['127.0.0.1', 80],
        ],
        [
          ['', 0],
          ['0.0.0.0', 0],
        ],
        [
          ['<broadcast>', 65535],
          ['255.255.255.255', 65535],
        ],
        [
          [Buffer.from('127.0.0.1'), 1],
          ['127.0.0.1', 1],
        ],
      ],
      refused: [
        ['127.0.0.1', { ...TYPE, message: /^address: .*\[host, port\]/ }],
        [['127.0.0.1'], { ...TYPE, message: /^address: / }],
        [['127.0.0.1', '80'], { ...TYPE, message: /^port: / }],
        [['127.0.0.1', 65536], { ...RANGE, message: /^port: / }],
        [['a\0b', 1], { ...VALUE, message: /^host: / }],
      ],
    }),
  );
});

describe('the codec of AF_INET6', () => {
  runAll(
    codecConformance({
      family: familyOf(AF_INET6),
      accepted: [
        [
          ['::1', 80],
          ['::1', 80, 0, 0],
        ],
        [
          ['', 0, 0xfffff],
          ['::', 0, 0xfffff, 0],
        ],
        [
          ['fe80::1', 65535, 1, 2 ** 32 - 1],
          ['fe80::1', 65535, 1, 2 ** 32 - 1],
        ],
      ],
      refused: [
        [null, { ...TYPE, message: /^address: / }],
        [['::1', 1, 2 ** 20], { ...RANGE, message: /^flowinfo: / }],
        [['::1', 1, 0, -1], { ...RANGE, message: /^scopeId: / }],
        [['<broadcast>', 1], { ...VALUE, message: /^host: / }],
      ],
    }),
  );
});

describe('the codec of AF_UNIX', () => {
  runAll(
    codecConformance({
      family: familyOf(AF_UNIX),
      accepted: [
        ['', ''],
        ['/tmp/name', '/tmp/name'],
        [Buffer.from('/tmp/\xff', 'latin1'), '/tmp/\udcff'],
        ['\0name', Buffer.from('\0name')],
        ['x'.repeat(107), 'x'.repeat(107)],
      ],
      refused: [
        [['/tmp/name'], { ...TYPE, message: /^address: / }],
        ['a\0b', { ...VALUE, message: /^address: / }],
        ['x'.repeat(108), { code: 'ENAMETOOLONG' }],
      ],
    }),
  );
});

describe('TCP over IPv4', () => {
  runAll(
    socketConformance({
      family: AF_INET,
      type: SOCK_STREAM,
      binds: [
        [['127.0.0.1', 0], ([host, port]) => host === '127.0.0.1' && port > 0],
        [['localhost', 0], ([host]) => host === '127.0.0.1'],
      ],
      open: () => connectedPair(AF_INET, SOCK_STREAM, 0, ['127.0.0.1', 0]),
      listen: ['127.0.0.1', 0],
      connected: true,
    }),
  );
});

describe('UDP over IPv4', () => {
  runAll(
    socketConformance({
      family: AF_INET,
      type: SOCK_DGRAM,
      binds: [[['127.0.0.1', 0], ([, port]) => port > 0]],
      open: () => boundPair(AF_INET, SOCK_DGRAM, 0, ['127.0.0.1', 0]),
      connected: false,
      to: (second) => second.getsockname(),
    }),
  );
});

describe.skipIf(without('IPv6'))('TCP and UDP over IPv6 (IPv6)', () => {
  const shared = {
    family: AF_INET6,
    binds: [[['::1', 0], ([host, port]) => host === '::1' && port > 0]],
  } satisfies Partial<SocketSubject<typeof AF_INET6>>;
  runAll(
    socketConformance({
      ...shared,
      type: SOCK_STREAM,
      open: () => connectedPair(AF_INET6, SOCK_STREAM, 0, ['::1', 0]),
      listen: ['::1', 0],
      connected: true,
    }),
  );
  runAll(
    socketConformance({
      ...shared,
      type: SOCK_DGRAM,
      open: () => boundPair(AF_INET6, SOCK_DGRAM, 0, ['::1', 0]),
      connected: false,
      to: (second) => second.getsockname(),
    }),
  );
});

// What Windows has of them are streams with paths, and no pairs.
const unix = capability('AF_UNIX', 'SOCK_DGRAM');
describe.skipIf(!unix.available)(`unix sockets ${unix.reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let count = 0;
  const path = () => join(folder, `${count++}`);
  const isAbstract = (name: UnixAddress) => Buffer.isBuffer(name) && name.length === 6 && name[0] === 0;

  describe.each([
    ['streams', SOCK_STREAM],
    ['sequenced packets', SOCK_SEQPACKET],
  ])('%s', (_, type) => {
    const [first, second] = [path(), path()];
    runAll(
      socketConformance({
        family: AF_UNIX,
        type,
        binds: [
          [first, first],
          [Buffer.from(second), second],
          [`\0conformance ${process.pid}`, Buffer.from(`\0conformance ${process.pid}`)],
          ['', isAbstract],
        ],
        open: () => connectedPair(AF_UNIX, type, 0, path()),
        listen: path(),
        connected: true,
      }),
    );
  });

  describe('datagrams', () => {
    runAll(
      socketConformance({
        family: AF_UNIX,
        type: SOCK_DGRAM,
        binds: [['', isAbstract]],
        open: () => boundPair(AF_UNIX, SOCK_DGRAM, 0, path(), path()),
        connected: false,
        to: (second) => second.getsockname(),
      }),
    );
  });

  describe('a pair', () => {
    runAll(
      socketConformance({
        family: AF_UNIX,
        type: SOCK_STREAM,
        binds: [],
        open: () => socketpair(),
        connected: true,
      }),
    );
  });
});
