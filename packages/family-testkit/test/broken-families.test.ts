import {
  boundPair,
  type Check,
  codecConformance,
  type SocketSubject,
  socketConformance,
} from '@bsd-sockets/family-testkit';
import { type Family, NETLINK_USERSOCK, newSockaddr, registerFamily, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { afterEach, describe, expect, test } from 'vitest';

/** The names of the checks that fail, and why each of them does. */
async function failures(checks: Check[]): Promise<Record<string, string>> {
  const failed: Record<string, string> = {};
  for (const { name, run } of checks) {
    await run().catch((error: Error) => {
      failed[name] = error.message;
    });
  }
  return failed;
}

const leaked: Socket<any>[] = [];
afterEach(() => {
  for (const socket of leaked.splice(0)) socket.close();
});
const leak = () => void leaked.push(new Socket());

function wrong(name: string, value: unknown): TypeError {
  return Object.assign(new TypeError(`${name}: not ${typeof value}`), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** Addresses of a made-up family: a node of one byte, and a name of up to 8 bytes. */
type NodeAddress = [node: number, name: Buffer];

const sound: Family<NodeAddress> = {
  number: 220,
  name: 'AF_NODE',
  encode: (address) => {
    if (!Array.isArray(address) || address.length !== 2) throw wrong('address', address);
    const [node, name] = address;
    if (!Number.isInteger(node) || node < 0 || node > 255) throw wrong('node', node);
    if (!(name instanceof Uint8Array) || name.length > 8) throw wrong('name', name);
    return Buffer.concat([newSockaddr(220, 2), Buffer.of(node), name]);
  },
  decode: (sockaddr) => [sockaddr[2] ?? 0, Buffer.from(sockaddr.subarray(3))],
};

describe('a codec', () => {
  const checksOf = (broken: Partial<Family<NodeAddress>>) =>
    codecConformance({
      family: { ...sound, ...broken },
      accepted: [
        [
          [7, Buffer.from('seven')],
          [7, Buffer.from('seven')],
        ],
      ],
      refused: [[[256, Buffer.from('x')], { code: 'ERR_INVALID_ARG_TYPE', message: /^node: / }]],
    });
  const sample = '[ 7, <Buffer 73 65 76 65 6e> ]';
  const accepts = `encode takes ${sample}, which comes out as ${sample}`;
  const refuses = 'encode refuses [ 256, <Buffer 78> ] with ERR_INVALID_ARG_TYPE';
  const hostile = 'encode returns a sockaddr or throws a plain error, whatever it is given';

  test('without a fault passes', async () => {
    expect(await failures(checksOf({}))).toEqual({});
  });

  test('whose sockaddrs begin with the number of another family is caught, unless it says so', async () => {
    const accepted: [NodeAddress, NodeAddress][] = [
      [
        [7, Buffer.of(1)],
        [7, Buffer.of(1)],
      ],
    ];
    const subject = { family: { ...sound, number: 221 }, accepted, refused: [] };
    expect(Object.values(await failures(codecConformance(subject)))).toContainEqual(
      expect.stringMatching(/must begin with the family's number/),
    );
    expect(await failures(codecConformance({ ...subject, sockaddrFamilies: [219, 220] }))).toEqual({});
  });

  const faults: [fault: string, broken: Partial<Family<NodeAddress>>, caught: Record<string, RegExp>][] = [
    [
      'a name that is no constant',
      { name: 'node' },
      { 'the family has a name and, on a platform that has it, a number': /AF_/ },
    ],
    [
      'a view of the bytes in its addresses',
      {
        decode: (sockaddr) => [
          sockaddr[2] ?? 0,
          Buffer.from(sockaddr.buffer, sockaddr.byteOffset).subarray(3, sockaddr.length),
        ],
      },
      { 'decode keeps no view of its bytes': /changed with them/ },
    ],
    [
      'a decode that throws for short bytes',
      { decode: (sockaddr) => [Buffer.from(sockaddr).readUInt8(2), Buffer.from(sockaddr.subarray(3))] },
      { 'decode never throws': /decode of <> threw RangeError/ },
    ],
    [
      'a decode that reads past its bytes',
      {
        decode: (sockaddr) => [
          new Uint8Array(sockaddr.buffer)[sockaddr.byteOffset + 2] ?? 0,
          Buffer.from(sockaddr.subarray(3)),
        ],
      },
      { 'decode reads no bytes beside its own': /depends on/ },
    ],
    [
      'a decode that writes to its bytes',
      {
        decode: (sockaddr) => {
          const [node, name] = sound.decode(sockaddr, undefined as never);
          if (sockaddr.length > 0) sockaddr[0] = 0;
          return [node, name];
        },
      },
      { 'decode changes none of its bytes': /made them/ },
    ],
    [
      'a decode that loses a part',
      { decode: (sockaddr) => [sockaddr[2] ?? 0, Buffer.alloc(0)] },
      { [accepts]: /deep/ },
    ],
    [
      'a length that is always the same',
      { encode: (address, socket) => Buffer.concat([sound.encode(address, socket)], 20) },
      { [accepts]: /deep/ },
    ],
    [
      'another number in its sockaddr',
      { encode: (address, socket) => Buffer.concat([Buffer.of(1, 0), sound.encode(address, socket).subarray(2)]) },
      { [accepts]: /begin with the family's number/, [hostile]: /begin with the family's number/ },
    ],
    [
      'no check of the shape',
      { encode: ([node, name]) => Buffer.concat([newSockaddr(220, 2), Buffer.of(node), name]) },
      { [refuses]: /Missing expected exception/, [hostile]: /undefined.* is not iterable/s },
    ],
    [
      'no limit to the name',
      {
        encode: (address, socket) => {
          const encoded = sound.encode([address?.[0], Buffer.alloc(0)], socket);
          return address[1] instanceof Uint8Array ? Buffer.concat([encoded, address[1]]) : encoded;
        },
      },
      { [hostile]: /must have 2 to 256 bytes, it has 303/ },
    ],
    [
      'an error without a code',
      {
        encode: (address, socket) => {
          if (typeof address?.[0] === 'number' && address[0] > 255) throw new TypeError('node: too much');
          return sound.encode(address, socket);
        },
      },
      { [refuses]: /with a code/, [hostile]: /with a code/ },
    ],
    [
      'an error that names nothing',
      {
        encode: (address, socket) => {
          if (address?.[0] === 256) throw Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' });
          return sound.encode(address, socket);
        },
      },
      { [refuses]: /did not match/ },
    ],
    [
      'a result that is no bytes',
      { encode: (address, socket) => [...sound.encode(address, socket)] as never },
      { [accepts]: /must return a Uint8Array/, [hostile]: /must return a Uint8Array/ },
    ],
  ];
  test.each(faults)('with %s is caught', async (_, broken, caught) => {
    const failed = await failures(checksOf(broken));
    expect(Object.keys(failed).sort()).toEqual(Object.keys(caught).sort());
    for (const [name, reason] of Object.entries(caught)) expect(failed[name]).toMatch(reason);
  });

  test('that leaks a descriptor is caught by the check that ran it', async () => {
    const encode: typeof sound.encode = (address, socket) => {
      if (address?.[0] === 256) leak();
      return sound.encode(address, socket);
    };
    const failed = await failures(checksOf({ encode }));
    expect(Object.keys(failed)).toEqual([refuses]);
    expect(failed[refuses]).toMatch(/descriptors that stay open: \d+ socket:\[\d+\]/);
  });
});

describe('a family on a kernel', () => {
  /** Datagrams between the sockets of one machine that are bound to a number. Source: netlink(7) */
  type NetlinkAddress = [pid: number, groups: number];
  const soundNetlink: Family<NetlinkAddress> = {
    number: 16,
    name: 'AF_NETLINK',
    encode: (address) => {
      if (!Array.isArray(address)) throw wrong('address', address);
      const encoded = Buffer.concat([newSockaddr(16, 4), Buffer.alloc(8)]);
      encoded.writeUInt32LE(address[0], 4);
      encoded.writeUInt32LE(address[1], 8);
      return encoded;
    },
    decode: (sockaddr) => {
      const whole = Buffer.concat([sockaddr], 12);
      return [whole.readUInt32LE(4), whole.readUInt32LE(8)];
    },
  };
  const present = { ...soundNetlink };
  const AF_NETLINK = registerFamily<NetlinkAddress, NetlinkAddress>(present);
  afterEach(() => void Object.assign(present, soundNetlink));

  const open = () => boundPair(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK, [0, 0]);
  const subject: SocketSubject<typeof AF_NETLINK> = {
    family: AF_NETLINK,
    type: SOCK_DGRAM,
    proto: NETLINK_USERSOCK,
    binds: [[[0, 0], ([pid, groups]) => pid > 0 && groups === 0]],
    open,
    connected: false,
    to: (second) => second.getsockname(),
  };
  const all = socketConformance(subject).map(({ name }) => name);
  const bind = 'bind to [ 0, 0 ]';
  const onBothFaces = (...names: string[]) => names.concat(names.map((name) => `promises: ${name}`));

  test('without a fault passes', async () => {
    expect(await failures(socketConformance(subject))).toEqual({});
  });

  const faults: [fault: string, change: Partial<SocketSubject<typeof AF_NETLINK>>, caught: string[], why: RegExp][] = [
    [
      'a pair that leaks a socket',
      {
        open: () => {
          leak();
          return open();
        },
      },
      all.filter((name) => name !== bind),
      /descriptors that stay open/,
    ],
    [
      'another name than it was bound to',
      {
        binds: [
          [
            [0, 0],
            [1, 0],
          ],
        ],
      },
      [bind],
      /deep/,
    ],
    ['a name that its judge refuses', { binds: [[[0, 0], () => false]] }, [bind], /getsockname returned/],
    [
      'another sender',
      { from: () => [1, 0] },
      onBothFaces('recvfrom tells who sent', 'sendmsg and recvmsg', 'sendmmsg and recvmmsg'),
      /deep/,
    ],
    ['a connection that is none', { connected: true }, onBothFaces('getpeername is the name of the peer'), /deep/],
    [
      'other data',
      { received: Buffer.from('other') },
      onBothFaces(
        'recv',
        'recvInto',
        'recvfrom tells who sent',
        'sendmsg and recvmsg',
        'sendmmsg and recvmmsg',
        'a non-blocking socket does not wait',
      ),
      /deep/,
    ],
    [
      'data before anything was sent',
      {
        open: () => {
          const [first, second] = open();
          first.sendto(Buffer.from('early'), second.getsockname());
          return [first, second];
        },
      },
      [
        ...onBothFaces(
          'recv',
          'recvInto',
          'recvfrom tells who sent',
          'sendmsg and recvmsg',
          'sendmmsg and recvmmsg',
          'a timeout ends a receive',
          'a non-blocking socket does not wait',
        ),
        'promises: an abort ends a receive',
        'promises: a close ends a receive',
      ],
      /deep|Missing expected rejection/,
    ],
  ];
  test.each(faults)('with %s is caught', async (_, change, caught, why) => {
    const failed = await failures(socketConformance({ ...subject, ...change }));
    expect(Object.keys(failed).sort()).toEqual(caught.sort());
    for (const reason of Object.values(failed)) expect(reason).toMatch(why);
  });

  test('whose addresses come out wrong is caught', async () => {
    Object.assign(present, { decode: () => [0, 0] });
    expect(await failures(socketConformance(subject))).toMatchObject({ [bind]: 'getsockname returned [ 0, 0 ]' });
  });

  test('whose decode leaks a descriptor is caught', async () => {
    const decode: typeof soundNetlink.decode = (sockaddr, socket) => {
      leak();
      return soundNetlink.decode(sockaddr, socket);
    };
    Object.assign(present, { decode });
    expect((await failures(socketConformance(subject)))[bind]).toMatch(/descriptors that stay open/);
  });
});
