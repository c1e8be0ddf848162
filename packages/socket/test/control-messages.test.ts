import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { decodeInet, encodeInet, type InetAddress } from '@bsd-sockets/resolver';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AlgSetAeadAssoclen,
  AlgSetIv,
  AlgSetOp,
  type AncillaryData,
  BlockingIOError,
  CMSG_LEN,
  CMSG_SPACE,
  ConnectionRefusedError,
  type ExtendedError,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IpPktinfo,
  IpRecverr,
  IpTos,
  IpTtl,
  Ipv6Hoplimit,
  Ipv6Pktinfo,
  Ipv6Recverr,
  Ipv6Tclass,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  readControl,
  registerControlMessage,
  registerFamily,
  SCM_TSTAMP_SND,
  ScmCredentials,
  ScmRights,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_TIMESTAMPING,
  SO_PASSCRED,
  SO_TIMESTAMP,
  SO_TIMESTAMPING,
  SO_TIMESTAMPNS,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SOFTWARE,
  SOL_SOCKET,
  Socket,
  SoTimestamp,
  SoTimestamping,
  SoTimestampns,
  socketpair,
  UDP_GRO,
  UdpGro,
  UdpSegment,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, onTestFinished, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { randomNumbers } from '../../core-native/test/random-numbers';
import { ControlMemory, decodeControl, encodeControl } from '../src/control-messages/cmsg';
import { python } from './python';

const text = (value: string) => Buffer.from(value);
const ANCBUFSIZE = 1024;
const LOOPBACK = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));
const { ECONNREFUSED } = constants.errno;

function udp<F extends typeof AF_INET | typeof AF_INET6>(family: F): Socket<F> {
  const socket = new Socket(family, SOCK_DGRAM) as Socket<any>;
  onTestFinished(() => socket.close());
  socket.settimeout(20);
  socket.bind([family === (AF_INET6 as number) ? '::1' : '127.0.0.1', 0]);
  return socket;
}

/** What the socket's error queue holds; events get there a little later than the call that causes them. */
function errorQueue(socket: Socket<any>): ReturnType<Socket<any>['recvmsg']> {
  for (const end = Date.now() + 20_000; ; ) {
    try {
      return socket.recvmsg(1500, ANCBUFSIZE, MSG_ERRQUEUE);
    } catch (error) {
      if (!(error instanceof BlockingIOError) || Date.now() > end) throw error;
    }
  }
}

test.skipIf(without('python3'))('CMSG_LEN and CMSG_SPACE agree with CPython (python3)', () => {
  const last = [2 ** 31 - 25, 2 ** 31 - 24, 2 ** 31 - 17, 2 ** 31 - 16, 2 ** 31, -1];
  const lengths = [...Array.from({ length: 5000 }, (_, index) => index), 65535, 10 ** 6, 2 ** 30 + 1, ...last];
  const program = `
import json, socket
def call(function, length):
    try:
        return function(length)
    except OverflowError:
        return None
print(json.dumps([[call(socket.CMSG_LEN, n), call(socket.CMSG_SPACE, n)] for n in ${JSON.stringify(lengths)}]))`;
  const call = (f: (length: number) => number, length: number) => {
    try {
      return f(length);
    } catch (error) {
      expect(error).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
      return null;
    }
  };
  const ours = lengths.map((length) => [call(CMSG_LEN, length), call(CMSG_SPACE, length)]);
  expect(ours).toEqual(JSON.parse(python(program)));
});

test('CMSG_LEN and CMSG_SPACE take only integers', () => {
  for (const f of [CMSG_LEN, CMSG_SPACE]) {
    expect(() => f('1' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
    expect(() => f(1.5)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
});

test('IPv4 packets tell their interface, addresses, TTL and TOS', () => {
  const a = udp(AF_INET);
  const b = udp(AF_INET);
  for (const option of [IP_PKTINFO, IP_RECVTTL, IP_RECVTOS]) b.setsockopt(IPPROTO_IP, option, 1);
  const ancdata = [IpTtl.encode(7), IpTos.encode(0x2e << 2), IpPktinfo.encode({ specDst: '127.0.0.5' })];
  a.sendto(text('plain'), b.getsockname());
  using any = new Socket(AF_INET, SOCK_DGRAM);
  any.sendmsg([text('x')], ancdata, 0, b.getsockname());
  const plain = b.recvmsg(10, ANCBUFSIZE)[1];
  expect([IpTtl.decode(plain), IpTos.decode(plain)]).toEqual([64, 0]);
  const [, received, flags, address] = b.recvmsg(10, ANCBUFSIZE);
  expect(flags).toBe(0);
  expect(address![0]).toBe('127.0.0.5');
  expect([IpTtl.decode(received), IpTos.decode(received)]).toEqual([7, 0x2e << 2]);
  expect(IpPktinfo.decode(received)).toEqual({ ifindex: LOOPBACK, specDst: '127.0.0.1', addr: '127.0.0.1' });
});

test.skipIf(without('IPv6'))('IPv6 packets tell their interface, address, hop limit and class (IPv6)', () => {
  const a = udp(AF_INET6);
  const b = udp(AF_INET6);
  for (const option of [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS]) b.setsockopt(IPPROTO_IPV6, option, 1);
  const ancdata = [
    Ipv6Hoplimit.encode(9),
    Ipv6Tclass.encode(0x60),
    Ipv6Pktinfo.encode({ addr: '::1', ifindex: LOOPBACK }),
  ];
  a.sendmsg([text('x')], ancdata, 0, b.getsockname());
  const received = b.recvmsg(10, ANCBUFSIZE)[1];
  expect([Ipv6Hoplimit.decode(received), Ipv6Tclass.decode(received)]).toEqual([9, 0x60]);
  expect(Ipv6Pktinfo.decode(received)).toEqual({ addr: '::1', ifindex: LOOPBACK });
  a.sendmsg([text('x')], [Ipv6Hoplimit.encode(-1), Ipv6Tclass.encode(-1)], 0, b.getsockname());
  expect(Ipv6Hoplimit.decode(b.recvmsg(10, ANCBUFSIZE)[1])).toBe(64);
});

test.each([
  ['SO_TIMESTAMP', SO_TIMESTAMP, 1, SoTimestamp.decode],
  ['SO_TIMESTAMPNS', SO_TIMESTAMPNS, 1, SoTimestampns.decode],
  [
    'SO_TIMESTAMPING',
    SO_TIMESTAMPING,
    SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE,
    (ancdata: AncillaryData[]) => SoTimestamping.decode(ancdata)?.software,
  ],
])('%s gives the time of arrival', (_name, option, value, decode) => {
  const a = udp(AF_INET);
  a.setsockopt(SOL_SOCKET, option, value);
  const before = BigInt(Date.now()) * 1_000_000n;
  // The kernel begins to take times a moment after the first socket asks for them.
  let time: bigint | undefined;
  for (const end = Date.now() + 20_000; time === undefined && Date.now() < end; ) {
    a.sendto(text('x'), a.getsockname());
    time = decode(a.recvmsg(1, ANCBUFSIZE)[1]);
  }
  expect(time).toBeGreaterThanOrEqual(before - 1_000_000n);
  expect(time).toBeLessThanOrEqual(BigInt(Date.now() + 1) * 1_000_000n);
});

test('SO_TIMESTAMPING asked for in a message gives the time of sending', () => {
  const a = udp(AF_INET);
  const b = udp(AF_INET);
  a.setsockopt(SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID);
  const before = BigInt(Date.now() - 1) * 1_000_000n;
  a.sendmsg([text('silent')], [], 0, b.getsockname());
  expect(() => a.recvmsg(1500, ANCBUFSIZE, MSG_ERRQUEUE)).toThrow(BlockingIOError);
  a.sendmsg([text('timed')], [SoTimestamping.encode(SOF_TIMESTAMPING_TX_SOFTWARE)], 0, b.getsockname());
  const [, ancdata, flags] = errorQueue(a);
  expect(flags & MSG_ERRQUEUE).toBe(MSG_ERRQUEUE);
  const { software, transformed, hardware } = SoTimestamping.decode(ancdata)!;
  expect(software).toBeGreaterThan(before);
  expect([transformed, hardware]).toEqual([undefined, undefined]);
  expect(IpRecverr.decode(ancdata)).toMatchObject({ origin: SO_EE_ORIGIN_TIMESTAMPING, info: SCM_TSTAMP_SND });
});

function refusedPort(family: typeof AF_INET | typeof AF_INET6): [string, number] {
  const socket = udp(family);
  const [host, port] = socket.getsockname();
  socket.close();
  return [host, port];
}

test('IP_RECVERR tells who refused a datagram', () => {
  const a = udp(AF_INET);
  a.setsockopt(IPPROTO_IP, IP_RECVERR, 1);
  const target = refusedPort(AF_INET);
  a.sendto(text('to nobody'), target);
  const [data, ancdata, flags, address] = errorQueue(a);
  expect([data, flags, address]).toEqual([text('to nobody'), MSG_ERRQUEUE, target]);
  expect(IpRecverr.decode(ancdata)).toEqual({
    errno: ECONNREFUSED,
    origin: SO_EE_ORIGIN_ICMP,
    type: 3,
    code: 3,
    info: 0,
    data: 0,
    offender: ['127.0.0.1', 0],
  } satisfies ExtendedError);
  expect(() => a.recv(1, MSG_DONTWAIT)).toThrow(BlockingIOError);
});

test('IP_RECVERR leaves the error itself to the next call', () => {
  const a = udp(AF_INET);
  a.setsockopt(IPPROTO_IP, IP_RECVERR, 1);
  a.sendto(text('x'), refusedPort(AF_INET));
  expect(() => a.recvmsg(1, ANCBUFSIZE)).toThrow(ConnectionRefusedError);
  expect(IpRecverr.decode(errorQueue(a)[1])?.errno).toBe(ECONNREFUSED);
});

test.skipIf(without('IPv6'))('IPV6_RECVERR tells who refused a datagram (IPv6)', () => {
  const a = udp(AF_INET6);
  a.setsockopt(IPPROTO_IPV6, IPV6_RECVERR, 1);
  a.sendto(text('x'), refusedPort(AF_INET6));
  expect(Ipv6Recverr.decode(errorQueue(a)[1])).toMatchObject({
    errno: ECONNREFUSED,
    origin: SO_EE_ORIGIN_ICMP6,
    type: 1,
    code: 4,
    offender: ['::1', 0, 0, 0],
  });
});

test('UDP_SEGMENT cuts one send into datagrams', () => {
  const a = udp(AF_INET);
  const b = udp(AF_INET);
  const data = Buffer.alloc(2500, 'abcdefg');
  expect(a.sendmsg([data], [UdpSegment.encode(1000)], 0, b.getsockname())).toBe(2500);
  const sizes = [0, 1, 2].map(() => b.recvmsg(65535)[0]);
  expect(sizes.map((part) => part.length)).toEqual([1000, 1000, 500]);
  expect(Buffer.concat(sizes).equals(data)).toBe(true);
});

test('UDP_GRO joins them and tells their size', () => {
  const a = udp(AF_INET);
  const b = udp(AF_INET);
  b.setsockopt(IPPROTO_UDP, UDP_GRO, 1);
  a.sendmsg([Buffer.alloc(2500)], [UdpSegment.encode(1000)], 0, b.getsockname());
  const [data, ancdata] = b.recvmsg(65535, ANCBUFSIZE);
  expect([data.length, UdpGro.decode(ancdata)]).toEqual([2500, 1000]);
});

test('SCM_CREDENTIALS tells the sender', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  const me = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
  a.send(text('x'));
  expect(ScmCredentials.decode(b.recvmsg(1, ANCBUFSIZE)[1])).toEqual(me);
  a.sendmsg([text('x')], [ScmCredentials.encode(me)]);
  expect(ScmCredentials.decode(b.recvmsg(1, ANCBUFSIZE)[1])).toEqual(me);
  expect(() => a.sendmsg([text('x')], [ScmCredentials.encode({ ...me, pid: 2 ** 31 - 1 })])).toThrow(
    /^(ESRCH|EPERM): /,
  );
});

test.skipIf(without('root'))("root sends another's credentials (root)", () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  const other = { pid: process.ppid, uid: 65534, gid: 4294967294 };
  a.sendmsg([text('x')], [ScmCredentials.encode(other)]);
  expect(ScmCredentials.decode(b.recvmsg(1, ANCBUFSIZE)[1])).toEqual(other);
});

test('several control messages in one call, both ways', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  const me = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
  const fds = [a.fileno(), b.fileno(), a.fileno()];
  a.sendmsg([text('x')], [ScmCredentials.encode(me), ScmRights.encode(fds)]);
  const ancbufsize = CMSG_SPACE(12) + CMSG_SPACE(12);
  const [, ancdata, flags] = b.recvmsg(1, ancbufsize);
  expect(flags).toBe(0);
  const records = readControl(ancdata);
  expect(records.map(({ name }) => name)).toEqual(['SCM_CREDENTIALS', 'SCM_RIGHTS']);
  for (const record of records) {
    if (record.name !== 'SCM_RIGHTS') continue;
    expect(record.value).toHaveLength(3);
    for (const fd of record.value) new Socket(AF_UNIX, SOCK_STREAM, 0, fd).close();
  }
});

test('those of one receive stay as they are, whoever receives after it, and while it decodes the address', async () => {
  const sender = udp(AF_INET);
  const inner = udp(AF_INET);
  inner.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
  let receivesItself = true;
  const number = registerFamily<InetAddress, InetAddress>({
    number: 251,
    name: 'AF_RECEIVING',
    package: 'control-messages.test',
    encode: encodeInet,
    decode(sockaddr) {
      const address = decodeInet(sockaddr);
      if (receivesItself) expect(IpTtl.decode(inner.recvmsg(10, ANCBUFSIZE)[1])).toBe(3);
      return address;
    },
  });
  const send = (ttl: number, port: number) => sender.sendmsg([text('x')], [IpTtl.encode(ttl)], 0, ['127.0.0.1', port]);
  const receivers = Array.from({ length: 3 }, () => {
    const plain = udp(AF_INET);
    plain.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
    const port = plain.getsockname()[1];
    const socket = new Socket({ family: number, type: SOCK_DGRAM, proto: 0, fileno: plain.detach() });
    onTestFinished(() => socket.close());
    return { socket, port };
  });
  const ancdata = receivers.map(({ socket, port }, index) => {
    send(3, inner.getsockname()[1]);
    send(10 + index, port);
    return socket.recvmsg(10, ANCBUFSIZE)[1];
  });
  expect(ancdata.map((each) => IpTtl.decode(each))).toEqual([10, 11, 12]);

  receivesItself = false;
  const waiting = receivers.map(async ({ socket }) => {
    using copy = promises.Socket.from(socket.dup());
    return (await copy.recvmsg(10, ANCBUFSIZE))[1];
  });
  for (const [index, { port }] of receivers.entries()) send(20 + index, port);
  expect((await Promise.all(waiting)).map((each) => IpTtl.decode(each))).toEqual([20, 21, 22]);
});

test('readControl gives unknown and cut messages as bytes', () => {
  const unknown: AncillaryData = [12345, 6, text('data')];
  const cut: AncillaryData = [IPPROTO_IP, IP_TTL, Buffer.of(1, 2, 3)];
  expect(readControl([unknown, cut, IpTtl.encode(5)])).toEqual([
    { name: undefined, level: 12345, type: 6, value: text('data') },
    { name: undefined, level: IPPROTO_IP, type: IP_TTL, value: Buffer.of(1, 2, 3) },
    { name: 'IP_TTL', level: IPPROTO_IP, type: IP_TTL, value: 5 },
  ]);
  expect(IpTtl.decode([cut])).toBeUndefined();
  expect(IpTtl.decode([])).toBeUndefined();
  expect(() => readControl([[1, 2]] as never)).toThrow(/^ancdata\[0\]: /);
  expect(() => IpTtl.decode(5 as never)).toThrow(/^ancdata: /);
});

test('a control message that the kernel cut is told by MSG_CTRUNC and has no value', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  a.send(text('x'));
  const [, ancdata, flags] = b.recvmsg(1, CMSG_LEN(11));
  expect(flags).toBe(MSG_CTRUNC);
  expect(ancdata[0]?.[2]).toHaveLength(11);
  expect(ScmCredentials.decode(ancdata)).toBeUndefined();
});

test('what is encoded is decoded', () => {
  expect(ScmRights.decode([ScmRights.encode([0, 7, 2 ** 31 - 1])])).toEqual([0, 7, 2 ** 31 - 1]);
  expect(ScmRights.decode([[SOL_SOCKET, ScmRights.type, Buffer.of(1, 0, 0, 0, 9, 9)]])).toEqual([1]);
  expect(IpPktinfo.decode([IpPktinfo.encode({ ifindex: 3, addr: '1.2.3.4' })])).toEqual({
    ifindex: 3,
    specDst: '0.0.0.0',
    addr: '1.2.3.4',
  });
  expect(Ipv6Pktinfo.decode([Ipv6Pktinfo.encode({})])).toEqual({ addr: '::', ifindex: 0 });
  expect(UdpSegment.decode([UdpSegment.encode(65535)])).toBe(65535);
  expect(AlgSetOp.decode([AlgSetOp.encode(1)])).toBe(1);
  const iv = AlgSetIv.decode([AlgSetIv.encode(text('iv'))])!;
  expect(iv).toEqual(text('iv'));
  // Not in Node's pool, where the bytes of others lie.
  expect(iv.buffer.byteLength).toBe(2);
  expect(AlgSetAeadAssoclen.decode([AlgSetAeadAssoclen.encode(2 ** 32 - 1)])).toBe(2 ** 32 - 1);
});

test('values out of range are named', () => {
  const any = (value: unknown) => value as never;
  const cases: [call: () => unknown, message: RegExp][] = [
    [() => IpTtl.encode(0), /^IP_TTL: expected an integer from 1 to 255/],
    [() => IpTtl.encode(any('1')), /^IP_TTL: /],
    [() => IpTos.encode(256), /^IP_TOS: /],
    [() => Ipv6Hoplimit.encode(-2), /^IPV6_HOPLIMIT: /],
    [() => Ipv6Tclass.encode(256), /^IPV6_TCLASS: /],
    [() => UdpSegment.encode(65536), /^UDP_SEGMENT: /],
    [() => SoTimestamping.encode(-1), /^SO_TIMESTAMPING: /],
    [() => IpPktinfo.encode(any(undefined)), /^packet info: /],
    [() => IpPktinfo.encode({ specDst: 'localhost' }), /^specDst: /],
    [() => IpPktinfo.encode({ ifindex: 2 ** 31 }), /^ifindex: /],
    [() => Ipv6Pktinfo.encode({ addr: '127.0.0.1' }), /^addr: /],
    [() => Ipv6Pktinfo.encode({ ifindex: -1 }), /^ifindex: /],
    [() => ScmCredentials.encode(any(null)), /^credentials: /],
    [() => ScmCredentials.encode({ pid: 1.5, uid: 0, gid: 0 }), /^pid: /],
    [() => ScmCredentials.encode({ pid: 1, uid: -1, gid: 0 }), /^uid: /],
    [() => ScmCredentials.encode(any({ pid: 1, uid: 0 })), /^gid: /],
  ];
  for (const [call, message] of cases) expect(call).toThrow(message);
});

test('outsiders add a kind of control message by one call', () => {
  const kind = {
    name: 'TEST_TEXT',
    level: 9001,
    type: 1,
    decode: (data: DataView) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString(),
    encode: (value: string) => Buffer.from(value),
  } as const;
  const TestText = registerControlMessage(kind);
  const message = TestText.encode('hello');
  expect(message).toEqual([9001, 1, text('hello')]);
  expect(TestText.decode([message])).toBe('hello');
  const [record] = readControl<typeof TestText>([message]);
  if (record?.name !== 'TEST_TEXT') throw new Error('the record has no name');
  expect(record.value.toUpperCase()).toBe('HELLO');
  // The same row again is no conflict; another row is.
  expect(registerControlMessage(kind).decode([message])).toBe('hello');
  expect(() => registerControlMessage({ ...kind, name: 'OTHER' })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('TEST_TEXT') }),
  );
  const reader = registerControlMessage({ name: 'READ_ONLY', level: 9001, type: 2, decode: () => 1 });
  expect('encode' in reader).toBe(false);
});

test('a kind that decodes another while it decodes sees its own data still', () => {
  const inner = registerControlMessage({ name: 'INNER', level: 9001, type: 3, decode: (data) => data.getUint8(0) });
  const outer = registerControlMessage({
    name: 'OUTER',
    level: 9001,
    type: 4,
    decode: (data) => [inner.decode([[9001, 3, Buffer.of(7, 8)]]), data.getUint8(0), data.getUint8(1)],
  });
  expect(outer.decode([[9001, 4, Buffer.of(1, 2)]])).toEqual([7, 1, 2]);
  expect(outer.decode([[9001, 4, Buffer.of(3, 4)]])).toEqual([7, 3, 4]);
});

test('another copy of a package may register its rows again', () => {
  const row = { name: 'COPIED', package: 'copies', level: 9002, type: 1 };
  registerControlMessage({ ...row, decode: () => 'first' });
  registerControlMessage({ ...row, decode: () => 'second' });
  expect(readControl([[9002, 1, text('')]])[0]?.value).toBe('first');
});

test("a family's own meaning of a number counts only for that family", () => {
  registerControlMessage({ name: 'FAMILY_TTL', family: 251, level: IPPROTO_IP, type: IP_TTL, decode: () => 'other' });
  const ancdata = [IpTtl.encode(5)];
  expect(readControl(ancdata, 251)[0]).toMatchObject({ name: 'FAMILY_TTL', value: 'other' });
  expect(readControl(ancdata, AF_INET)[0]).toMatchObject({ name: 'IP_TTL', value: 5 });
  expect(readControl(ancdata)[0]).toMatchObject({ name: 'IP_TTL', value: 5 });
});

test('names that a platform does not have are told when they are used', () => {
  const missing = { level: undefined as unknown as number, type: 5, decode: () => 0, encode: () => Buffer.alloc(1) };
  const first = registerControlMessage({ ...missing, name: 'MISSING' });
  registerControlMessage({ ...missing, name: 'MISSING_TOO' });
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  expect(() => a.sendmsg([text('x')], [first.encode(1)])).toThrow(/^ancdata\[0\]\[0\]: .*does not have/);
});

function decoded(control: Buffer, warn: boolean): AncillaryData[] {
  const memory = new ControlMemory(control.length);
  memory.bytes.set(control);
  return decodeControl(memory, 0, control.length, warn);
}

test.skipIf(without('python3'))('control data are laid out as CPython sees them (python3)', () => {
  const messages: AncillaryData[] = [0, 1, 7, 8, 9, 100].map((size) => [size - 5, 1 - size, Buffer.alloc(size, size)]);
  const program = `
import struct
def cmsg(size):
    length = 16 + size
    return struct.pack('@Nii', length, size - 5, 1 - size) + bytes([size]) * size + bytes(-length % 8)
print(b''.join(map(cmsg, [0, 1, 7, 8, 9, 100])).hex())`;
  expect(encodeControl(messages)?.toString('hex')).toBe(python(program).trim());
  expect(decoded(encodeControl(messages)!, true)).toEqual(messages);
  expect(encodeControl([])).toBeNull();
});

test('a message that reaches beyond the end gives what is inside, with a warning', async () => {
  const warnings: string[] = [];
  const listener = (warning: Error) => warnings.push(warning.name);
  process.on('warning', listener);
  onTestFinished(() => void process.off('warning', listener));
  const control = encodeControl([
    [1, 2, text('whole')],
    [3, 4, text('cut short')],
  ])!;
  const cut = Buffer.from(control.subarray(0, 24 + 16 + 4));
  const inside = [
    [1, 2, text('whole')],
    [3, 4, text('cut ')],
  ];
  expect(decoded(cut, false)).toEqual(inside);
  // Less than a header is no message.
  expect(decoded(control.subarray(0, 24 + 15), true)).toEqual([[1, 2, text('whole')]]);
  await setImmediate();
  expect(warnings).toEqual([]);
  expect(decoded(cut, true)).toEqual(inside);
  // A length below the header's own ends the list.
  expect(decoded(Buffer.alloc(64), true)).toEqual([]);
  await setImmediate();
  expect(warnings).toEqual(['RuntimeWarning', 'RuntimeWarning']);
});

const kinds = [
  ...[ScmRights, ScmCredentials, IpPktinfo, Ipv6Pktinfo, IpTos, IpTtl, Ipv6Hoplimit, Ipv6Tclass, SoTimestamp],
  ...[SoTimestampns, SoTimestamping, IpRecverr, Ipv6Recverr, UdpGro, UdpSegment, AlgSetOp, AlgSetIv],
];
const CASES = Number(process.env.CONTROL_MESSAGE_CASES ?? 20_000);

test(`any bytes parse as control data (${CASES} cases; CONTROL_MESSAGE_CASES for more)`, { timeout: 3_600_000 }, () => {
  const seed = Number(process.env.CONTROL_MESSAGE_SEED ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`CONTROL_MESSAGE_SEED=${seed}`);
  const random = randomNumbers(seed);
  const below = (limit: number) => random() % limit;
  for (let count = 0; count < CASES; count++) {
    // Random bytes in the midst of others that must not show.
    const length = below(200);
    const memory = new ControlMemory(length + 64);
    const control = memory.bytes.fill(0xee).subarray(32, 32 + length);
    for (let index = 0; index < length; index++) control[index] = random();
    // Most get headers that make some sense, some of them cut or too long.
    for (let offset = 0; below(8) !== 0 && offset + 16 <= length; ) {
      const kind = kinds[below(kinds.length)]!;
      const size = below(10) === 0 ? below(2 ** 32) : 16 + below(60);
      control.writeBigUInt64LE(BigInt(size), offset);
      control.writeInt32LE(kind.level, offset + 8);
      control.writeInt32LE(kind.type, offset + 12);
      offset += Math.ceil(size / 8) * 8;
    }
    const ancdata = decodeControl(memory, 32, 32 + length, false);
    const inside: Buffer[] = [];
    for (let begin = 0; begin + 16 <= length; ) {
      const size = Number(control.readBigUInt64LE(begin));
      if (size < 16) break;
      inside.push(control.subarray(begin + 16, begin + size));
      begin += Math.ceil(size / 8) * 8;
    }
    const same = ancdata.length === inside.length && ancdata.every(([, , data], index) => data.equals(inside[index]!));
    if (!same) expect.fail(`case ${count}: ${control.toString('hex')}`);
    expect(readControl(ancdata)).toHaveLength(ancdata.length);
    for (const kind of kinds) kind.decode(ancdata);
  }
});

test('any control messages come back from their bytes', { timeout: 3_600_000 }, () => {
  const seed = Number(process.env.CONTROL_MESSAGE_SEED ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`CONTROL_MESSAGE_SEED=${seed}`);
  const random = randomNumbers(seed);
  for (let count = 0; count < CASES / 10; count++) {
    const messages = Array.from({ length: 1 + (random() % 5) }, (): AncillaryData => {
      const data = Uint8Array.from({ length: random() % 50 }, () => random());
      return [random() | 0, random() | 0, Buffer.from(data)];
    });
    const control = encodeControl(messages)!;
    expect(control.length).toBe(messages.reduce((sum, [, , data]) => sum + CMSG_SPACE(data.length), 0));
    expect(decoded(control, true)).toEqual(messages);
  }
});
