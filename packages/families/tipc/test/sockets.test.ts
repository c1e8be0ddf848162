import { boundPair, capability, connectedPair, Python, program, socketConformance } from '@bsd-sockets/family-testkit';
import {
  BlockingIOError,
  MSG_EOR,
  MSG_OOB,
  options,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_RDM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
} from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import {
  AF_TIPC,
  decodeEvent,
  encodeCancellation,
  encodeSubscription,
  getLinkName,
  getNodeId,
  SOL_TIPC,
  TIPC_ADDR_ID,
  TIPC_ADDR_NAME,
  TIPC_ADDR_NAMESEQ,
  TIPC_ERR_NO_PORT,
  TIPC_GROUP_LEAVE,
  TIPC_GROUP_LOOPBACK,
  TIPC_GROUP_MEMBER_EVTS,
  TIPC_HIGH_IMPORTANCE,
  TIPC_MCAST_REPLICAST,
  TIPC_NODE_SCOPE,
  TIPC_PUBLISHED,
  TIPC_SUB_PORTS,
  TIPC_SUBSCR_TIMEOUT,
  TIPC_TOP_SRV,
  TIPC_WITHDRAWN,
  type TipcAddress,
  TipcDestname,
  TipcErrinfo,
  TipcRetdata,
  tipcOptions,
} from '@bsd-sockets/tipc';
import { describe, expect, test } from 'vitest';

/** Seconds after which a test gives up. */
const LONG = 20;
const needed = capability('AF_TIPC', 'SOCK_RDM');
const python = program('python3', 'python3');
const text = (string: string) => Buffer.from(string);
const code = (code: string) => expect.objectContaining({ code }) as Error;

/** A type of services for each test, so that none hears what is meant for another. */
let nextType = 20_000;
const service = (): number => nextType++;
const range = (type: number): TipcAddress => [TIPC_ADDR_NAMESEQ, type, 0, 99, TIPC_NODE_SCOPE];

function open(type: number = SOCK_RDM): Socket<typeof AF_TIPC> {
  const socket = new Socket(AF_TIPC, type);
  socket.settimeout(LONG);
  return socket;
}

describe.skipIf(!needed.available)(`TIPC ${needed.reason}`, () => {
  describe.each([
    ['reliable datagrams', SOCK_RDM],
    ['datagrams', SOCK_DGRAM],
  ])('%s', (_, type) => {
    const checks = socketConformance({
      family: AF_TIPC,
      type,
      binds: [
        [range(service()), ([addrType]) => addrType === TIPC_ADDR_ID],
        [[TIPC_ADDR_NAME, service(), 5, 0], ([addrType]) => addrType === TIPC_ADDR_ID],
      ],
      open: () => boundPair(AF_TIPC, type, 0, range(service()), range(service())),
      to: (second) => second.getsockname(),
      connected: false,
    });
    for (const { name, run } of checks) test(name, run);
  });

  describe.each([
    ['streams', SOCK_STREAM],
    ['sequenced packets', SOCK_SEQPACKET],
  ])('%s', (_, type) => {
    const checks = socketConformance({
      family: AF_TIPC,
      type,
      binds: [[range(service()), ([addrType]) => addrType === TIPC_ADDR_ID]],
      open: () => connectedPair(AF_TIPC, type, 0, range(service())),
      listen: range(service()),
      connected: true,
      closeResets: true,
      from: (first) => first.getsockname(),
    });
    for (const { name, run } of checks) test(name, run);
  });

  test('a message reaches a service by its name, and tells which', () => {
    const type = service();
    using sender = open();
    using receiver = open();
    receiver.bind(range(type));
    sender.sendto(text('by name'), [TIPC_ADDR_NAME, type, 7, 0]);
    const [data, ancdata, , address] = receiver.recvmsg(100, 100);
    expect([data.toString(), address]).toEqual(['by name', sender.getsockname()]);
    expect(TipcDestname.decode(ancdata)).toEqual({ type, lower: 7, upper: 7 });
    receiver.sendto(text('back'), address!);
    expect(sender.recvfrom(100)).toEqual([text('back'), receiver.getsockname()]);
  });

  test('a message to a range reaches all its sockets', () => {
    const type = service();
    using sender = open();
    using low = open();
    using high = open();
    low.bind([TIPC_ADDR_NAMESEQ, type, 0, 9, TIPC_NODE_SCOPE]);
    high.bind([TIPC_ADDR_NAMESEQ, type, 10, 19, TIPC_NODE_SCOPE]);
    sender.setsockopt(SOL_TIPC, TIPC_MCAST_REPLICAST, null, 0);
    sender.sendto(text('to all'), [TIPC_ADDR_NAMESEQ, type, 5, 15]);
    for (const receiver of [low, high]) {
      const [data, ancdata] = receiver.recvmsg(100, 100);
      expect(data.toString()).toBe('to all');
      expect(TipcDestname.decode(ancdata)).toEqual({ type, lower: 5, upper: 15 });
    }
  });

  test('a bind to a negative scope takes back a bind', () => {
    const type = service();
    using sender = open();
    using receiver = open();
    receiver.bind([TIPC_ADDR_NAMESEQ, type, 0, 9, TIPC_NODE_SCOPE]);
    receiver.bind([TIPC_ADDR_NAMESEQ, type, 0, 9, -TIPC_NODE_SCOPE]);
    const address = [TIPC_ADDR_NAME, type, 1, 0] as const;
    expect(() => sender.sendto(text('nobody'), address)).toThrow(code('EHOSTUNREACH'));
    expect(() => sender.bind([TIPC_ADDR_NAME, 5, 1, 0])).toThrow(code('EACCES'));
    expect(() => sender.bind(sender.getsockname())).toThrow(code('EAFNOSUPPORT'));
  });

  test('a message that cannot be delivered comes back', () => {
    using sender = open();
    const gone = open();
    const address = gone.getsockname();
    gone.close();
    sender.setOption(tipcOptions.TIPC_DEST_DROPPABLE, false);
    sender.sendto(text('lost'), address);
    const [data, ancdata] = sender.recvmsg(100, 100);
    expect(data).toHaveLength(0);
    expect(TipcErrinfo.decode(ancdata)).toEqual({ code: TIPC_ERR_NO_PORT, length: 4 });
    expect(TipcRetdata.decode(ancdata)).toEqual(text('lost'));
  });

  test('a megabyte passes over a stream', async () => {
    const [first, second] = connectedPair(AF_TIPC, SOCK_STREAM, 0, range(service()));
    using sender = promises.Socket.from(first);
    using receiver = promises.Socket.from(second);
    const data = Buffer.alloc(2 ** 20, 'TIPC ');
    const received: Buffer[] = [];
    const receiving = (async () => {
      for (let missing = data.length; missing > 0; missing -= received.at(-1)!.length) {
        received.push(await receiver.recv(2 ** 16));
      }
    })();
    await Promise.all([sender.sendall(data), receiving]);
    expect(Buffer.concat(received).equals(data)).toBe(true);
  });

  test.each([
    ['stream', SOCK_STREAM],
    ['connection of sequenced packets', SOCK_SEQPACKET],
  ])('a shutdown ends a %s', (_, kind) => {
    const [first, second] = connectedPair(AF_TIPC, kind, 0, range(service()));
    using _0 = first;
    using _1 = second;
    expect(() => first.shutdown(SHUT_WR)).toThrow(code('EINVAL'));
    first.sendall(text('the last'));
    first.shutdown(SHUT_RDWR);
    expect(second.recv(100)).toEqual(text('the last'));
    expect(second.recv(100)).toHaveLength(0);
  });

  describe('the topology server', () => {
    test('tells of sockets that come and go, and of the end', () => {
      const type = service();
      using server = open(SOCK_SEQPACKET);
      server.connect([TIPC_ADDR_NAME, TIPC_TOP_SRV, TIPC_TOP_SRV, 0]);
      const subscription = {
        type,
        lower: 10,
        upper: 20,
        timeout: 1000,
        filter: TIPC_SUB_PORTS,
        userHandle: text('watching'),
      };
      server.send(encodeSubscription(subscription));
      const watched = open();
      const socket = watched.getsockname();
      watched.bind([TIPC_ADDR_NAMESEQ, type, 0, 15, TIPC_NODE_SCOPE]);
      const expected = { foundLower: 0, foundUpper: 15, socket, subscription };
      expect(decodeEvent(server.recv(100))).toEqual({ event: TIPC_PUBLISHED, ...expected });
      watched.close();
      expect(decodeEvent(server.recv(100))).toEqual({ event: TIPC_WITHDRAWN, ...expected });
      const brief = { ...subscription, type: service(), timeout: 0.05 };
      server.send(encodeSubscription(brief));
      expect(decodeEvent(server.recv(100))).toMatchObject({ event: TIPC_SUBSCR_TIMEOUT, subscription: brief });
    });

    test('tells of them on promises, until the subscription is cancelled', async () => {
      const type = service();
      using server = new promises.Socket(AF_TIPC, SOCK_SEQPACKET);
      server.settimeout(LONG);
      await server.connect([TIPC_ADDR_NAME, TIPC_TOP_SRV, TIPC_TOP_SRV, 0]);
      await server.send(encodeSubscription({ type, lower: 0, upper: 9 }));
      const receiving = server.recv(100);
      using watched = open();
      watched.bind(range(type));
      const { event, subscription } = decodeEvent(await receiving);
      expect([event, subscription.timeout]).toEqual([TIPC_PUBLISHED, Number.POSITIVE_INFINITY]);
      await server.send(encodeCancellation(subscription));
      // The server works in the background: what was sent to it before is done when this is answered.
      const marker = service();
      await server.send(encodeSubscription({ type: marker, lower: 0, upper: 0, timeout: 0.001 }));
      const next = decodeEvent(await server.recv(100));
      expect([next.event, next.subscription.type]).toEqual([TIPC_SUBSCR_TIMEOUT, marker]);
      watched.close();
      server.settimeout(0.2);
      await expect(server.recv(100)).rejects.toThrow(code('ETIMEDOUT'));
    });

    test.skipIf(!python.available)(`tells of a service of CPython's ${python.reason}`, async () => {
      const type = service();
      using server = open(SOCK_SEQPACKET);
      server.connect([TIPC_ADDR_NAME, TIPC_TOP_SRV, TIPC_TOP_SRV, 0]);
      server.send(encodeSubscription({ type, lower: 0, upper: 99 }));
      using peer = new Python(`
s = socket.socket(socket.AF_TIPC, socket.SOCK_RDM)
s.bind((socket.TIPC_ADDR_NAMESEQ, ${type}, 3, 4, socket.TIPC_NODE_SCOPE))
print(*s.getsockname())
`);
      const up = decodeEvent(server.recv(100));
      expect(up).toMatchObject({ event: TIPC_PUBLISHED, foundLower: 3, foundUpper: 4 });
      expect(up.socket.join(' ')).toBe(await peer.line());
      await peer.finish();
      expect(decodeEvent(server.recv(100))).toMatchObject({ event: TIPC_WITHDRAWN, socket: up.socket });
    });
  });

  describe('groups', () => {
    const join = (type: number, instance: number, flags = 0) => {
      const socket = open();
      socket.setOption(tipcOptions.TIPC_GROUP_JOIN, { type, instance, scope: TIPC_NODE_SCOPE, flags });
      return socket;
    };

    test('tell of members, and pass messages to all, to any and to one', () => {
      const group = service();
      using first = join(group, 1, TIPC_GROUP_MEMBER_EVTS);
      expect(first.getOption(tipcOptions.TIPC_GROUP_JOIN)).toBe(group);
      const second = join(group, 2, TIPC_GROUP_MEMBER_EVTS);
      const firstMember: TipcAddress = [...(first.getsockname() as number[]), [group, 1]] as never;
      const secondMember: TipcAddress = [...(second.getsockname() as number[]), [group, 2]] as never;
      // An empty message out of band is a member that has come, and with MSG_EOR one that has gone.
      expect(first.recvmsg(100)).toEqual([Buffer.alloc(0), [], MSG_OOB, secondMember]);
      expect(second.recvmsg(100)).toEqual([Buffer.alloc(0), [], MSG_OOB, firstMember]);

      first.send(text('to all'));
      expect(second.recvfrom(100)).toEqual([text('to all'), firstMember]);
      second.sendto(text('to any'), [TIPC_ADDR_NAME, group, 1, 0]);
      expect(first.recvfrom(100)).toEqual([text('to any'), secondMember]);
      first.sendto(text('to one'), secondMember);
      expect(second.recvfrom(100)).toEqual([text('to one'), firstMember]);
      first.sendto(text('to some'), [TIPC_ADDR_NAMESEQ, group, 2, 2]);
      expect(second.recvfrom(100)).toEqual([text('to some'), firstMember]);

      second.setsockopt(SOL_TIPC, TIPC_GROUP_LEAVE, null, 0);
      expect(second.getOption(tipcOptions.TIPC_GROUP_JOIN)).toBe(0);
      expect(first.recvmsg(100)).toEqual([Buffer.alloc(0), [], MSG_OOB | MSG_EOR, secondMember]);
      second.close();
    });

    test('pass messages on promises, to the sender too if it wants', async () => {
      const group = service();
      using first = promises.Socket.from(join(group, 1, TIPC_GROUP_LOOPBACK));
      using second = promises.Socket.from(join(group, 2));
      const receiving = second.recvfrom(100);
      await first.send(text('to all'));
      expect((await receiving)[0]).toEqual(text('to all'));
      expect((await first.recvfrom(100))[0]).toEqual(text('to all'));
    });

    test('have clear errors', () => {
      const { TIPC_GROUP_JOIN } = tipcOptions;
      const group = service();
      using member = join(group, 1);
      expect(() => member.setOption(TIPC_GROUP_JOIN, { type: group, instance: 1 })).toThrow(code('EACCES'));
      expect(() => member.bind(range(service()))).toThrow(code('EACCES'));
      using other = open();
      expect(() => other.setOption(TIPC_GROUP_JOIN, { type: 63, instance: 1 })).toThrow(code('EACCES'));
      expect(() => other.setOption(TIPC_GROUP_JOIN, { type: group, instance: 1, scope: 4 })).toThrow(code('EINVAL'));
    });
  });

  describe.skipIf(!python.available)(`with CPython ${python.reason}`, () => {
    test('datagrams pass both ways, on both faces', async () => {
      const type = service();
      using peer = new Python(`
s = socket.socket(socket.AF_TIPC, socket.SOCK_RDM)
s.bind((socket.TIPC_ADDR_NAMESEQ, ${type}, 0, 9, socket.TIPC_NODE_SCOPE))
print(*s.getsockname())
for i in range(2):
    data, address = s.recvfrom(100)
    print(*address)
    s.sendto(data.upper(), address)
`);
      const name = await peer.line();
      using socket = open();
      socket.sendto(text('from node'), [TIPC_ADDR_NAME, type, 5, 0]);
      const [data, address] = socket.recvfrom(100);
      expect([data.toString(), address!.join(' ')]).toEqual(['FROM NODE', name]);
      expect(await peer.line()).toBe(socket.getsockname().join(' '));
      using other = promises.Socket.from(open());
      await other.sendto(text('on promises'), address!);
      expect((await other.recv(100)).toString()).toBe('ON PROMISES');
      expect(await peer.line()).toBe(other.getsockname().join(' '));
      await peer.finish();
    });

    test.each([
      ['a stream', SOCK_STREAM],
      ['sequenced packets', SOCK_SEQPACKET],
    ])('%s passes both ways, on both faces', async (_, kind) => {
      const type = service();
      using peer = new Python(`
s = socket.socket(socket.AF_TIPC, ${kind})
s.bind((socket.TIPC_ADDR_NAMESEQ, ${type}, 0, 9, socket.TIPC_NODE_SCOPE))
s.listen()
print('ready')
for i in range(2):
    c, address = s.accept()
    c.sendall(c.recv(100).upper())
    print(*address)
`);
      expect(await peer.line()).toBe('ready');
      using client = open(kind);
      client.connect([TIPC_ADDR_NAME, type, 1, 0]);
      client.sendall(text('from node'));
      expect(client.recv(100).toString()).toBe('FROM NODE');
      expect(await peer.line()).toBe(client.getsockname().join(' '));
      using second = new promises.Socket(AF_TIPC, kind);
      second.settimeout(LONG);
      await second.connect([TIPC_ADDR_NAME, type, 1, 0]);
      await second.sendall(text('on promises'));
      expect((await second.recv(100)).toString()).toBe('ON PROMISES');
      await peer.finish();
    });
  });

  test('the options keep what they are set to', () => {
    using socket = open();
    for (const option of [tipcOptions.TIPC_DEST_DROPPABLE, tipcOptions.TIPC_SRC_DROPPABLE]) {
      for (const value of [true, false]) {
        socket.setOption(option, value);
        expect(socket.getOption(option)).toBe(value);
      }
    }
    expect(socket.getOption(tipcOptions.TIPC_CONN_TIMEOUT)).toBe(8);
    socket.setOption(tipcOptions.TIPC_CONN_TIMEOUT, 1.25);
    expect(socket.getOption(tipcOptions.TIPC_CONN_TIMEOUT)).toBe(1.25);
    socket.setOption(tipcOptions.TIPC_IMPORTANCE, TIPC_HIGH_IMPORTANCE);
    expect(socket.getOption(tipcOptions.TIPC_IMPORTANCE)).toBe(TIPC_HIGH_IMPORTANCE);
    expect(() => socket.setOption(tipcOptions.TIPC_IMPORTANCE, 99)).toThrow(/EINVAL.*TIPC_IMPORTANCE/s);
    using stream = open(SOCK_STREAM);
    stream.setOption(tipcOptions.TIPC_NODELAY, true);
    expect(() => stream.setOption(tipcOptions.TIPC_SRC_DROPPABLE, true)).toThrow(code('ENOPROTOOPT'));
  });

  test('the queue of a socket is counted', () => {
    const [sender, receiver] = boundPair(AF_TIPC, SOCK_RDM, 0, range(service()), range(service()));
    using _0 = sender;
    using _1 = receiver;
    expect(receiver.getOption(tipcOptions.TIPC_SOCK_RECVQ_DEPTH)).toBe(0);
    for (let count = 0; count < 3; count++) sender.sendto(text('wait'), receiver.getsockname());
    expect(receiver.getOption(tipcOptions.TIPC_SOCK_RECVQ_DEPTH)).toBe(3);
    expect(receiver.getOption(tipcOptions.TIPC_SOCK_RECVQ_USED)).toBeGreaterThan(12);
    expect(receiver.getOption(tipcOptions.TIPC_NODE_RECVQ_DEPTH)).toBe(0);
    expect(receiver.getOption(options.SO_ERROR)).toBe(0);
  });

  test('a stranger has neither an identity nor a link', () => {
    using socket = open();
    let id: Buffer | undefined;
    try {
      id = getNodeId(socket, 0xdead);
    } catch (error) {
      expect(error).toMatchObject({ code: 'EADDRNOTAVAIL' });
    }
    // As long as this node has no identity itself, the kernel knows none of others.
    if (id) expect(id).toEqual(Buffer.alloc(16));
    expect(() => getLinkName(socket, 0xdead, 0)).toThrow(code('EADDRNOTAVAIL'));
    expect(() => getNodeId(socket, -1)).toThrow(/^node: /);
    expect(() => getLinkName(socket, 1, 2 ** 16)).toThrow(/^bearer: /);
    socket.close();
    expect(() => getNodeId(socket, 1)).toThrow(code('EBADF'));
  });

  test('a socket that does not wait says so', () => {
    using socket = open();
    socket.setblocking(false);
    expect(() => socket.recv(1)).toThrow(BlockingIOError);
  });
});
