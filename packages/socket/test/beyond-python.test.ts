import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  CMSG_SPACE,
  close,
  codecs,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_MPTCP,
  IPPROTO_TCP,
  IpOrigdstaddr,
  Ipv6Origdstaddr,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  MCAST_JOIN_GROUP,
  MSG_OOB,
  MSG_PEEK,
  options,
  probe,
  readControl,
  recvFds,
  ScmPidfd,
  SHUT_RDWR,
  SO_RCVBUF,
  SO_RXQ_OVFL,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  SoRxqOvfl,
  sendFds,
  socketpair,
  TCP_NODELAY,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { openDescriptors } from './open-descriptors';

const rows = probe();
const row = (type: string, proto: string) =>
  rows.find((one) => one.family === 'AF_INET' && one.type === type && one.proto === proto)!;
/** What a test needs that is skipped. */
const missing = ({ available, advice }: ReturnType<typeof row>) => (available ? '' : `(${advice})`);

const [major, minor] = release().split('.').map(Number) as [number, number];
const lacksPidfd = major < 6 || (major === 6 && minor < 5) ? '(needs Linux 6.5)' : '';

describe('what a message tells', () => {
  test.each([
    ['IPv4', AF_INET, '127.0.0.1', options.IP_RECVORIGDSTADDR, IpOrigdstaddr],
    ['IPv6', AF_INET6, '::1', options.IPV6_RECVORIGDSTADDR, Ipv6Origdstaddr],
  ] as const)('the original destination (%s)', (_name, family, host, option, reader) => {
    using receiver = new Socket<any>(family, SOCK_DGRAM);
    using sender = new Socket<any>(family, SOCK_DGRAM);
    receiver.bind([host, 0]);
    receiver.settimeout(10);
    receiver.setOption(option, true);
    const address = receiver.getsockname();
    sender.sendto(Buffer.from('x'), address);
    const [, ancdata] = receiver.recvmsg(1, CMSG_SPACE(28));
    expect(reader.decode(ancdata)).toEqual(address);
    expect(readControl(ancdata)).toMatchObject([{ name: reader.name, value: address }]);
  });

  test('how many datagrams were dropped', () => {
    using receiver = new Socket(AF_INET, SOCK_DGRAM);
    using sender = new Socket(AF_INET, SOCK_DGRAM);
    receiver.bind(['127.0.0.1', 0]);
    receiver.settimeout(10);
    receiver.setsockopt(SOL_SOCKET, SO_RCVBUF, 1);
    receiver.setsockopt(SOL_SOCKET, SO_RXQ_OVFL, 1);
    const send = () => sender.sendto(Buffer.alloc(1000), receiver.getsockname());
    for (let count = 0; count < 50; count++) send();
    receiver.setblocking(false);
    let received = 0;
    let dropped: number | undefined;
    const drain = () => {
      try {
        for (;;) {
          const [, ancdata] = receiver.recvmsg(1000, CMSG_SPACE(4));
          received++;
          dropped = SoRxqOvfl.decode(ancdata) ?? dropped;
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'EAGAIN' });
      }
    };
    drain();
    send();
    drain();
    expect(dropped).toBe(51 - received);
  });

  test.skipIf(lacksPidfd !== '')(`the process of a sender and of a peer ${lacksPidfd}`, () => {
    const [a, b] = socketpair();
    b.setOption(options.SO_PASSPIDFD, true);
    a.send(Buffer.from('x'));
    const [, ancdata] = b.recvmsg(1, CMSG_SPACE(4));
    const sender = ScmPidfd.decode(ancdata)!;
    const peer = a.getOption(options.SO_PEERPIDFD);
    expect(sender).toBeGreaterThan(2);
    expect(readControl(ancdata)).toMatchObject([{ name: 'SCM_PIDFD', value: sender }]);
    expect(fstatSync(peer).ino).toBe(fstatSync(sender).ino);
    close(sender);
    close(peer);
    a.close();
    b.close();
  });

  test.skipIf(lacksPidfd !== '')(
    `the process of a sender is closed where only sent descriptors count ${lacksPidfd}`,
    async () => {
      const [a, b] = socketpair();
      b.setOption(options.SO_PASSPIDFD, true);
      const before = openDescriptors();
      const closeAll = ([, fds]: [unknown, number[], ...unknown[]]) => {
        expect(fds).toHaveLength(1);
        for (const fd of fds) close(fd);
      };
      // By the call block, which has room for 256, and without.
      for (const most of [16, 300]) {
        sendFds(a, [Buffer.from('x')], [a]);
        closeAll(recvFds(b, 1, most));
      }
      expect(openDescriptors()).toEqual(before);

      const other = promises.Socket.from(b);
      sendFds(a, [Buffer.from('x')], [a]);
      closeAll(await promises.recvFds(other, 1, 16));
      expect(openDescriptors()).toEqual(before);

      const stream = other.toDuplex({ fds: true });
      const told = new Promise<number[]>((resolve) => stream.once('fds', resolve));
      stream.resume();
      using copy = promises.Socket.from(a.dup());
      await promises.sendFds(copy, [Buffer.from('x')], [a]);
      closeAll([undefined, await told]);
      a.close();
      stream.destroy();
    },
  );
});

describe('typed options', () => {
  test('of multicast groups by the interface’s index', () => {
    using socket = new Socket(AF_INET, SOCK_DGRAM);
    const group = { multiaddr: '239.1.2.3', ifindex: 1 };
    const source = { ...group, sourceaddr: '127.0.0.9' };
    const codes = (calls: (() => void)[]) =>
      calls.map((call) => {
        try {
          call();
          return 'done';
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
    const set = (name: keyof typeof options, value: unknown) => () =>
      socket.setOption(options[name] as never, value as never);
    expect(
      codes([
        set('MCAST_JOIN_GROUP', group),
        set('MCAST_JOIN_GROUP', group),
        set('MCAST_BLOCK_SOURCE', source),
        set('MCAST_UNBLOCK_SOURCE', source),
        set('MCAST_UNBLOCK_SOURCE', source),
        set('MCAST_MSFILTER', { ...group, fmode: MCAST_EXCLUDE, sourceaddrs: ['127.0.0.9'] }),
        set('MCAST_UNBLOCK_SOURCE', source),
        set('MCAST_LEAVE_GROUP', group),
        set('MCAST_JOIN_SOURCE_GROUP', source),
        set('MCAST_MSFILTER', { ...group, fmode: MCAST_INCLUDE, sourceaddrs: ['127.0.0.8', '127.0.0.9'] }),
        set('MCAST_LEAVE_SOURCE_GROUP', source),
        set('MCAST_LEAVE_GROUP', { multiaddr: 'ff02::1' }),
        set('MCAST_MSFILTER', group),
      ]),
    ).toEqual([
      'done',
      'EADDRINUSE',
      'done',
      'done',
      'EADDRNOTAVAIL',
      'done',
      'done',
      'done',
      'done',
      'done',
      'done',
      'ERR_INVALID_ARG_VALUE',
      'ERR_INVALID_ARG_TYPE',
    ]);
    using six = new Socket(AF_INET6, SOCK_DGRAM);
    six.setOption(options.IPV6_MCAST_JOIN_GROUP, { multiaddr: 'ff01::99', ifindex: 1 });
    expect(() => six.setOption(options.IPV6_MCAST_JOIN_GROUP, { multiaddr: 'ff01::99', ifindex: 1 })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', message: expect.stringContaining('IPV6_MCAST_JOIN_GROUP') }),
    );
    six.setOption(options.IPV6_MCAST_LEAVE_GROUP, { multiaddr: 'ff01::99', ifindex: 1 });
    expect([options.MCAST_JOIN_GROUP.option, options.IPV6_MCAST_JOIN_GROUP.option]).toEqual([
      MCAST_JOIN_GROUP,
      MCAST_JOIN_GROUP,
    ]);
    expect([options.MCAST_JOIN_GROUP.level, options.IPV6_MCAST_JOIN_GROUP.level]).toEqual([IPPROTO_IP, IPPROTO_IPV6]);
  });

  test('receive from a group that was joined by them', () => {
    using receiver = new Socket(AF_INET, SOCK_DGRAM);
    using sender = new Socket(AF_INET, SOCK_DGRAM);
    receiver.bind(['239.1.2.4', 0]);
    receiver.settimeout(10);
    receiver.setOption(options.MCAST_JOIN_GROUP, { multiaddr: '239.1.2.4', ifindex: 1 });
    sender.setOption(options.IP_MULTICAST_IF, 1);
    sender.sendto(Buffer.from('all'), receiver.getsockname());
    expect(`${receiver.recv(9)}`).toBe('all');
  });

  const icmp = row('SOCK_RAW', 'IPPROTO_ICMP');
  test.skipIf(!icmp.available)(`which ICMP messages pass ${missing(icmp)}`, () => {
    using four = new Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    four.setOption(options.ICMP_FILTER, { pass: [0, 8] });
    const { block } = four.getOption(options.ICMP_FILTER);
    expect(block).toEqual(Array.from({ length: 32 }, (_, type) => type).filter((type) => type !== 0 && type !== 8));
    four.setOption(options.ICMP_FILTER, { block: [8, 31] });
    expect(four.getOption(options.ICMP_FILTER)).toEqual({ block: [8, 31] });
    using six = new Socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    six.setOption(options.ICMP6_FILTER, { block: [1, 129, 255] });
    expect(six.getOption(options.ICMP6_FILTER)).toEqual({ block: [1, 129, 255] });
    six.setOption(options.ICMP6_FILTER, { pass: [] });
    expect(six.getOption(options.ICMP6_FILTER).block).toHaveLength(256);
    for (const value of [{ block: [32] }, { pass: [-1] }]) {
      expect(() => four.setOption(options.ICMP_FILTER, value)).toThrow(
        expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
      );
    }
    for (const value of [{}, { block: [], pass: [] }, null]) {
      expect(() => four.setOption(options.ICMP_FILTER, value as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
    }
  });

  const mptcp = row('SOCK_STREAM', 'IPPROTO_MPTCP');
  test.skipIf(!mptcp.available)(`what MPTCP knows of a connection ${missing(mptcp)}`, () => {
    using server = new Socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    server.bind(['127.0.0.1', 0]);
    server.listen();
    using client = new Socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    client.connect(server.getsockname());
    const [connection] = server.accept();
    connection.settimeout(10);
    client.sendall(Buffer.alloc(1234));
    for (let left = 1234; left > 0; ) left -= connection.recv(left).length;
    const info = client.getOption(options.MPTCP_INFO);
    const peer = connection.getOption(options.MPTCP_INFO);
    expect(info.flags & 2).toBe(2);
    expect(info.writeSeq - info.sndUna).toBeGreaterThanOrEqual(0n);
    expect(peer.rcvNxt).toBe(info.writeSeq);
    if (info.bytesSent !== undefined) expect([info.bytesSent, peer.bytesReceived]).toEqual([1234, 1234]);
    connection.close();
  });

  test('of text take the bytes that a name has', () => {
    const name = codecs.text(16);
    expect(name.encode('e\udcff', 'name')).toEqual(Buffer.of(0x65, 0xff));
    expect(name.decode(Buffer.of(0x65, 0xff, 0))).toBe('e\udcff');
    expect(() => name.encode('\ud800', 'name')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  });
});

test.each([
  ['blocking', Socket],
  ['promises', promises.Socket],
] as [string, typeof Socket][])('an option by its numbers that fails is named (%s)', (_face, Face) => {
  using socket = new Face<any>(AF_UNIX);
  expect(() => socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)).toThrow(/^EOPNOTSUPP: .* \(TCP_NODELAY\), setsockopt$/);
  expect(() => socket.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toThrow(/\(TCP_NODELAY\), getsockopt$/);
  expect(() => socket.getsockopt(IPPROTO_TCP, TCP_NODELAY, 4)).toThrow(/\(TCP_NODELAY\), getsockopt$/);
  expect(() => socket.setsockopt(SOL_SOCKET, 9999, Buffer.alloc(4))).toThrow(/\(option 9999 of level 1\), setsockopt$/);
  socket.close();
  expect(() => socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)).toThrow(/^EBADF: .*the socket is closed/);
});

test.each([
  ['blocking', Socket],
  ['promises', promises.Socket],
] as [string, typeof Socket][])('a datagram socket takes leave of its peer (%s)', (_face, Face) => {
  using peer = new Socket(AF_INET, SOCK_DGRAM);
  using other = new Socket(AF_INET, SOCK_DGRAM);
  using socket = new Socket(AF_INET, SOCK_DGRAM);
  for (const one of [peer, other]) one.bind(['127.0.0.1', 0]);
  socket.settimeout(10);
  socket.connect(peer.getsockname());
  const { port } = { port: socket.getsockname()[1] };
  const copy = Face === Socket ? socket : new Face({ fileno: socket.detach() });
  copy.disconnect();
  expect(() => copy.getpeername()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
  copy.disconnect();
  copy.bind(['127.0.0.1', port]);
  using receiver = Face === Socket ? copy : Socket.from(copy);
  receiver.settimeout(10);
  other.sendto(Buffer.from('from another'), ['127.0.0.1', port]);
  expect(receiver.recvfrom(20)).toEqual([Buffer.from('from another'), other.getsockname()]);
  receiver.close();
  expect(() => receiver.disconnect()).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'disconnect' }));
});

test('the urgent mark is told', () => {
  using server = new Socket();
  server.bind(['127.0.0.1', 0]);
  server.listen();
  using client = new Socket();
  client.connect(server.getsockname());
  const [connection] = server.accept();
  connection.settimeout(10);
  client.sendall(Buffer.from('ab'));
  client.send(Buffer.from('!'), MSG_OOB);
  client.sendall(Buffer.from('c'));
  while (connection.recv(9, MSG_PEEK).length < 2);
  expect(connection.sockatmark()).toBe(false);
  expect(`${connection.recv(2)}`).toBe('ab');
  while (!connection.sockatmark());
  expect(`${connection.recv(1, MSG_OOB)}`).toBe('!');
  expect(`${connection.recv(9)}`).toBe('c');
  connection.shutdown(SHUT_RDWR!);
  connection.close();
  expect(() => connection.sockatmark()).toThrow(expect.objectContaining({ code: 'EBADF' }));
});

test('descriptors are sent by what has them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rights-'));
  const path = join(folder, 'file');
  writeFileSync(path, 'x');
  const before = openDescriptors();
  const [a, b] = socketpair();
  const handle = await open(path);
  const fd = openSync(path, 'r');
  using datagram = new promises.Socket(AF_INET, SOCK_DGRAM);
  sendFds(a, [Buffer.from('x')], [handle, a, fd, datagram]);
  const [, fds] = recvFds(b, 1, 4);
  expect(fds).toHaveLength(4);
  expect(fstatSync(fds[0]!).ino).toBe(fstatSync(handle.fd).ino);
  expect(fstatSync(fds[1]!).ino).toBe(fstatSync(a.fileno()).ino);
  expect(fstatSync(fds[2]!).ino).toBe(fstatSync(fd).ino);
  for (const one of fds) close(one);
  const c = promises.Socket.from(a);
  await promises.sendFds(c, [Buffer.from('x')], [handle, c]);
  const [, again] = recvFds(b, 1, 2);
  expect(fstatSync(again[1]!).ino).toBe(fstatSync(c.fileno()).ino);
  for (const one of again) close(one);
  const refused = expect.objectContaining({
    code: 'ERR_INVALID_ARG_TYPE',
    message: expect.stringMatching(/^fds\[1\]/),
  });
  expect(() => sendFds(b, [Buffer.from('x')], [fd, 'no' as never])).toThrow(refused);
  await expect(promises.sendFds(c, [Buffer.from('x')], [fd, {} as never])).rejects.toEqual(refused);
  await handle.close();
  closeSync(fd);
  c.close();
  b.close();
  rmSync(folder, { recursive: true });
  expect(before.length).toBeGreaterThan(0);
});
