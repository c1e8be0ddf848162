import { boundPair, capability, Python, program, socketConformance } from '@bsd-sockets/family-testkit';
import {
  AF_RDS,
  getRdsInfo,
  RDS_CONG_MONITOR_MASK,
  RDS_MSG_RX_DGRAM_DELIVERED,
  RDS_MSG_RX_DGRAM_REASSEMBLE,
  RDS_TRANS_NONE,
  RDS_TRANS_TCP,
  type RdsAddress,
  RdsCmsgCongUpdate,
  RdsCmsgRxpathLatency,
  RdsCmsgZcopyCompletion,
  RdsCmsgZcopyCookie,
  rdsInfo,
  rdsOptions,
} from '@bsd-sockets/rds';
import { hasIpv6, MSG_ZEROCOPY, OSError, options, SOCK_SEQPACKET, Socket, SoTimestamp } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';

/** Seconds after which a test gives up. */
const LONG = 20;
const needed = capability('AF_RDS', 'SOCK_SEQPACKET');
const python = program('python3', 'python3');
const text = (string: string) => Buffer.from(string);
const code = (code: string) => expect.objectContaining({ code }) as Error;
const free: RdsAddress = ['127.0.0.1', 0];

/** A socket that is bound. By TCP it knows congestion, which the way of a host to itself does not. */
function open(transport?: number): Socket<typeof AF_RDS> {
  const socket = new Socket(AF_RDS, SOCK_SEQPACKET);
  socket.settimeout(LONG);
  if (transport !== undefined) socket.setOption(rdsOptions.SO_RDS_TRANSPORT, transport);
  socket.bind(free);
  return socket;
}

describe.skipIf(!needed.available)(`RDS ${needed.reason}`, () => {
  describe.each([
    ['IPv4', free, ''],
    ['IPv6', ['::1', 0, 0, 0] as RdsAddress, hasIpv6 ? '' : ' (needs IPv6)'],
  ])('over %s', (_, address, noIpv6) => {
    const checks = socketConformance({
      family: AF_RDS,
      type: SOCK_SEQPACKET,
      binds: [[address, ([host, port]) => host === address[0] && port !== 0]],
      open: () => boundPair(AF_RDS, SOCK_SEQPACKET, 0, address),
      to: (second) => second.getsockname(),
      connected: false,
    });
    for (const { name, run } of checks) test.skipIf(noIpv6)(`${name}${noIpv6}`, run);
  });

  test('a connected socket sends without an address', () => {
    const [first, second] = boundPair(AF_RDS, SOCK_SEQPACKET, 0, free);
    using _0 = first;
    using _1 = second;
    first.connect(second.getsockname());
    expect(first.getpeername()).toEqual(second.getsockname());
    first.send(text('connected'));
    expect(second.recvfrom(100)).toEqual([text('connected'), first.getsockname()]);
  });

  test('a bind and a send take host names on both faces', async () => {
    using first = new Socket(AF_RDS, SOCK_SEQPACKET);
    first.bind(['localhost', 0]);
    const [host, port] = first.getsockname();
    expect(host).toBe('127.0.0.1');
    using second = new promises.Socket(AF_RDS, SOCK_SEQPACKET);
    await second.bind(['localhost', 0]);
    await second.sendto(text('to a name'), ['localhost', port]);
    first.settimeout(LONG);
    expect(first.recv(100)).toEqual(text('to a name'));
  });

  test('has clear errors', () => {
    using socket = new Socket(AF_RDS, SOCK_SEQPACKET);
    expect(socket.getsockname()).toEqual(['0.0.0.0', 0]);
    expect(() => socket.sendto(text('x'), free)).toThrow(code('ENOTCONN'));
    expect(() => socket.bind(['', 0])).toThrow(code('EINVAL'));
    expect(() => socket.bind(['192.0.2.1', 0])).toThrow(code('EADDRNOTAVAIL'));
    expect(() => socket.setOption(rdsOptions.RDS_CANCEL_SENT_TO, free)).toThrow(code('ENOTCONN'));
    socket.bind(free);
    expect(() => socket.bind(free)).toThrow(code('EINVAL'));
    expect(() => socket.sendto(text('x'), ['::1', 1])).toThrow(code('EOPNOTSUPP'));
    expect(() => socket.setOption(rdsOptions.RDS_CANCEL_SENT_TO, 'x' as never)).toThrow(/^address: /);
  });

  test('the options keep what they are set to', () => {
    using socket = new Socket(AF_RDS, SOCK_SEQPACKET);
    expect(socket.getOption(rdsOptions.SO_RDS_TRANSPORT)).toBe(RDS_TRANS_NONE);
    socket.setOption(rdsOptions.SO_RDS_TRANSPORT, RDS_TRANS_TCP);
    expect(socket.getOption(rdsOptions.SO_RDS_TRANSPORT)).toBe(RDS_TRANS_TCP);
    expect(() => socket.setOption(rdsOptions.SO_RDS_TRANSPORT, RDS_TRANS_TCP)).toThrow(/EOPNOTSUPP.*SO_RDS_TRANSPORT/s);
    for (const value of [true, false]) {
      socket.setOption(rdsOptions.RDS_RECVERR, value);
      expect(socket.getOption(rdsOptions.RDS_RECVERR)).toBe(value);
    }
    expect(() => socket.getOption(rdsOptions.RDS_CONG_MONITOR as never)).toThrow(/RDS_CONG_MONITOR is write-only/);
  });

  describe('congestion', () => {
    /** Sends until the receiver's port is congested. */
    function congest(sender: Socket<typeof AF_RDS>, receiver: Socket<typeof AF_RDS>): number {
      receiver.setOption(options.SO_RCVBUF, 4096);
      sender.setblocking(false);
      for (let sent = 0; sent < 100; sent++) {
        try {
          sender.sendto(Buffer.alloc(4000), receiver.getsockname());
        } catch (error) {
          if (error instanceof OSError && error.code === 'ENOBUFS') return sent;
          throw error;
        }
      }
      throw new Error('the port is never congested');
    }

    test('ends with a message to a socket that monitors it', () => {
      using sender = open(RDS_TRANS_TCP);
      using receiver = open(RDS_TRANS_TCP);
      sender.setOption(rdsOptions.RDS_CONG_MONITOR, true);
      const sent = congest(sender, receiver);
      expect(sent).toBeGreaterThan(0);
      expect(() => sender.recv(1)).toThrow(code('EAGAIN'));
      for (let count = 0; count < sent; count++) expect(receiver.recv(5000)).toHaveLength(4000);
      sender.settimeout(LONG);
      const [data, ancdata] = sender.recvmsg(100, 100);
      expect(data).toHaveLength(0);
      expect(RdsCmsgCongUpdate.decode(ancdata)).toBe(RDS_CONG_MONITOR_MASK(receiver.getsockname()[1]));
      expect(sender.sendto(text('again'), receiver.getsockname())).toBe(5);
    });

    test('ends with a message on promises', async () => {
      const blocking = open(RDS_TRANS_TCP);
      using receiver = open(RDS_TRANS_TCP);
      blocking.setOption(rdsOptions.RDS_CONG_MONITOR, true);
      const sent = congest(blocking, receiver);
      using sender = promises.Socket.from(blocking);
      sender.settimeout(LONG);
      await expect(sender.sendto(text('x'), receiver.getsockname())).rejects.toThrow(code('ENOBUFS'));
      const receiving = sender.recvmsg(100, 100);
      for (let count = 0; count < sent; count++) receiver.recv(5000);
      const mask = RdsCmsgCongUpdate.decode((await receiving)[1]);
      expect(mask).toBe(RDS_CONG_MONITOR_MASK(receiver.getsockname()[1]));
    });
  });

  test('tells the latencies and the time of a message', () => {
    using sender = open();
    using receiver = open();
    const places = [RDS_MSG_RX_DGRAM_DELIVERED, RDS_MSG_RX_DGRAM_REASSEMBLE];
    receiver.setOption(rdsOptions.SO_RDS_MSG_RXPATH_LATENCY, places);
    receiver.setOption(options.SO_TIMESTAMP, true);
    const start = BigInt(Date.now() - 1000) * 1_000_000n;
    sender.sendto(text('when'), receiver.getsockname());
    const [data, ancdata] = receiver.recvmsg(100, 200);
    expect(data.toString()).toBe('when');
    expect(RdsCmsgRxpathLatency.decode(ancdata)?.map(({ place }) => place)).toEqual(places);
    expect(SoTimestamp.decode(ancdata)! >= start).toBe(true);
  });

  test('tells when the memory of a message is free again', async () => {
    using sender = open(RDS_TRANS_TCP);
    using receiver = open(RDS_TRANS_TCP);
    sender.setOption(options.SO_ZEROCOPY, true);
    const data = Buffer.alloc(8192, 'zero copy ');
    const [first, second] = [RdsCmsgZcopyCookie.encode(7), RdsCmsgZcopyCookie.encode(8)];
    for (const cookie of [first, second]) sender.sendmsg([data], [cookie], MSG_ZEROCOPY, receiver.getsockname());
    for (let count = 0; count < 2; count++) expect(receiver.recv(10_000).equals(data)).toBe(true);
    using waiting = promises.Socket.from(sender);
    const cookies: number[] = [];
    while (cookies.length < 2) cookies.push(...RdsCmsgZcopyCompletion.decode((await waiting.recvmsg(1, 200))[1])!);
    expect(cookies.sort()).toEqual([7, 8]);
  });

  describe('the tables of the kernel', () => {
    test('have the sockets and what waits for them', () => {
      using sender = open();
      using receiver = open();
      sender.connect(receiver.getsockname());
      sender.send(text('waiting'));
      const [[, localPort], [, peerPort]] = [sender.getsockname(), receiver.getsockname()];
      const localHost = '127.0.0.1';
      const socket = getRdsInfo(sender, rdsInfo.RDS_INFO_SOCKETS).find((row) => row.localPort === localPort);
      expect(socket).toMatchObject({ localHost, peerHost: localHost, peerPort });
      const message = getRdsInfo(sender, rdsInfo.RDS_INFO_RECV_MESSAGES).find((row) => row.localPort === peerPort);
      expect(message).toMatchObject({ localHost, peerHost: localHost, peerPort: localPort, length: 7, tos: 0 });
      receiver.recv(100);
      const rest = getRdsInfo(sender, rdsInfo.RDS_INFO_RECV_MESSAGES).filter((row) => row.localPort === peerPort);
      expect(rest).toEqual([]);
      for (const table of [rdsInfo.RDS_INFO_SEND_MESSAGES, rdsInfo.RDS_INFO_RETRANS_MESSAGES]) {
        expect(getRdsInfo(sender, table).filter((row) => row.localPort === localPort)).toEqual([]);
      }
      const connections = getRdsInfo(sender, rdsInfo.RDS_INFO_CONNECTIONS);
      expect(connections).toContainEqual(expect.objectContaining({ localHost, peerHost: localHost, connected: true }));
    });

    test('have counters', () => {
      using sender = open();
      using receiver = open();
      const queued = () =>
        getRdsInfo(sender, rdsInfo.RDS_INFO_COUNTERS).find(({ name }) => name === 'send_queued')!.value;
      const before = queued();
      sender.sendto(text('counted'), receiver.getsockname());
      expect(queued() - before).toBe(1n);
    });

    test('are read whole, however large they are', () => {
      using receiver = open();
      using sender = open();
      const count = 400; // of 26 bytes each
      for (let sent = 0; sent < count; sent++) sender.sendto(Buffer.of(sent), receiver.getsockname());
      const [, port] = receiver.getsockname();
      const rows = getRdsInfo(sender, rdsInfo.RDS_INFO_RECV_MESSAGES).filter(({ localPort }) => localPort === port);
      expect(rows).toHaveLength(count);
    });

    test('are refused by what is none', () => {
      using socket = open();
      expect(() => getRdsInfo(socket, undefined as never)).toThrow(/^table: /);
      socket.close();
      expect(() => getRdsInfo(socket, rdsInfo.RDS_INFO_SOCKETS)).toThrow(code('EBADF'));
    });
  });

  test.skipIf(!python.available)(`exchanges messages with CPython, on both faces ${python.reason}`, async () => {
    using peer = new Python(`
s = socket.socket(socket.AF_RDS, socket.SOCK_SEQPACKET)
s.bind(('127.0.0.1', 0))
print(s.getsockname()[1])
for i in range(2):
    data, address = s.recvfrom(100)
    s.sendto(data.upper(), address)
    print(*address)
`);
    const address: RdsAddress = ['127.0.0.1', Number(await peer.line())];
    using socket = open();
    socket.sendto(text('from node'), address);
    expect(socket.recvfrom(100)).toEqual([text('FROM NODE'), address]);
    expect(await peer.line()).toBe(socket.getsockname().join(' '));
    using other = promises.Socket.from(open());
    await other.sendto(text('on promises'), address);
    expect(await other.recvfrom(100)).toEqual([text('ON PROMISES'), address]);
    expect(await peer.line()).toBe(other.getsockname().join(' '));
    await peer.finish();
  });
});
