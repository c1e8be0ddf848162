import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { capability, need } from '@bsd-sockets/family-testkit';
import * as raw from '@bsd-sockets/raw-socket';
import { afterEach, describe, expect, test } from 'vitest';

const icmp = capability('AF_INET', 'SOCK_RAW', 'IPPROTO_ICMP');
const NETWORK = process.getuid!() === 0 ? ['--net'] : ['--net', '--map-root-user'];
const makesLinks = spawnSync('unshare', [...NETWORK, 'ip', 'link', 'add', 'type', 'veth']).status === 0;
const namespace = need(makesLinks, 'network namespaces or ip, of iproute2');
const PATH = createRequire(import.meta.url).resolve('@bsd-sockets/raw-socket');

const open: raw.Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

function ping(options: raw.SocketOptions = {}): raw.Socket {
  const socket = raw.createSocket({ protocol: raw.Protocol.ICMP, ...options });
  open.push(socket);
  return socket;
}

const ping6 = () => ping({ addressFamily: raw.AddressFamily.IPv6, protocol: raw.Protocol.ICMPv6 });

/** An ICMP echo request. */
function request(sequence = 1, length = 16, type = 8): Buffer {
  const packet = Buffer.alloc(length);
  packet[0] = type;
  packet.writeUInt16BE(process.pid & 0xffff, 4);
  packet.writeUInt16BE(sequence, 6);
  return raw.writeChecksum(packet, 2, raw.createChecksum(packet));
}

function send(socket: raw.Socket, packet: Buffer, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.send(packet, 0, packet.length, address, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}

/** Collects the replies among the messages, which are of all processes. */
function replies(socket: raw.Socket): { sequence: number; data: Buffer; source: string }[] {
  const found: { sequence: number; data: Buffer; source: string }[] = [];
  socket.on('message', (data, source) => {
    const begin = (data[0]! >> 4 === 4 ? data[0]! & 0xf : 0) * 4;
    const isOurs = data.readUInt16BE(begin + 4) === (process.pid & 0xffff);
    if (isOurs && (data[begin] === 0 || data[begin] === 129)) {
      found.push({ sequence: data.readUInt16BE(begin + 6), data, source });
    }
  });
  return found;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(1);
}

const descriptors = () => readdirSync('/proc/self/fd').length;

test('has the names of the peer', () => {
  expect(Object.keys(createRequire(import.meta.url)('@bsd-sockets/raw-socket')).sort()).toEqual(
    ['AddressFamily', 'Protocol', 'Socket', 'SocketLevel', 'SocketOption', 'createChecksum', 'createSocket']
      .concat(['htonl', 'htons', 'ntohl', 'ntohs', 'writeChecksum'])
      .sort(),
  );
  expect([raw.AddressFamily[1], raw.AddressFamily.IPv6, raw.Protocol[58], raw.Protocol.None]).toEqual([
    'IPv4',
    2,
    'ICMPv6',
    0,
  ]);
  expect([raw.htons(1), raw.ntohl(raw.htonl(0x01020304))]).toEqual([256, 0x01020304]);
});

describe('checksums', () => {
  test('are those of RFC 1071', () => {
    const packet = Buffer.from('0001f203f4f5f6f7', 'hex');
    expect(raw.createChecksum(packet)).toBe(~0xddf2 & 0xffff);
    expect(raw.createChecksum({ buffer: packet, offset: 2, length: 4 })).toBe(~(0xf203 + 0xf4f5 + 1) & 0xffff);
    expect(raw.createChecksum(Buffer.alloc(3))).toBe(0xffff);
    expect(raw.writeChecksum(Buffer.alloc(4), 2, 0x1234)).toEqual(Buffer.from('00001234', 'hex'));
  });

  test('count several buffers as one, of odd lengths too', () => {
    const packet = Buffer.from(Array.from({ length: 101 }, (_, index) => (index * 37) & 0xff));
    for (const cut of [0, 1, 50, 51, 101]) {
      const sum = raw.createChecksum(packet.subarray(0, cut), { buffer: packet, offset: cut });
      expect([cut, sum]).toEqual([cut, raw.createChecksum(packet)]);
    }
  });

  test('refuse what is no part of a buffer', () => {
    expect(() => raw.createChecksum({ buffer: Buffer.alloc(4), offset: 2, length: 3 })).toThrow('parts[0].length');
    expect(() => raw.createChecksum(Buffer.alloc(1), 'text' as any)).toThrow('parts[1]: expected');
    expect(() => raw.writeChecksum(Buffer.alloc(4), 3, 0)).toThrow(RangeError);
  });
});

describe.skipIf(!icmp.available)(`raw sockets ${icmp.reason}`, () => {
  test('ping by IPv4: messages have the IP header, and memory of their own', async () => {
    const socket = ping();
    const found = replies(socket);
    const packets = [1, 2, 3].map((sequence) => request(sequence, 16 + sequence));
    expect(await Promise.all(packets.map((packet) => send(socket, packet, '127.0.0.1')))).toEqual([17, 18, 19]);
    await until(() => found.length === 3);
    for (const [index, { sequence, data, source }] of found.entries()) {
      expect([sequence, source, data.length]).toEqual([index + 1, '127.0.0.1', 20 + 17 + index]);
      expect(data.subarray(24)).toEqual(packets[index]!.subarray(4));
    }
  });

  test('ping by IPv6, whose messages have no IP header', async () => {
    const socket = ping6();
    const found = replies(socket);
    await send(socket, request(7, 20, 128), '::1');
    await until(() => found.length === 1);
    expect(found[0]).toMatchObject({ sequence: 7, source: '::1', data: { length: 20 } });
    await expect(send(socket, request(), '127.0.0.1')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });

  test('cut off what is more than the size of the buffer', async () => {
    const socket = ping({ bufferSize: 30 });
    const found = replies(socket);
    await send(socket, request(1, 100), '127.0.0.1');
    await until(() => found.length === 1);
    expect(found[0]!.data).toHaveLength(30);
  });

  test('call back before and after each message, in their order', async () => {
    const socket = ping();
    const calls: unknown[] = [];
    const ttl = () => {
      const value = Buffer.alloc(4);
      const length = socket.getOption(raw.SocketLevel.IPPROTO_IP, raw.SocketOption.IP_TTL!, value, 4);
      return [length, value.readInt32LE()];
    };
    for (const value of [3, 5]) {
      const before = () => {
        socket.setOption(raw.SocketLevel.IPPROTO_IP, raw.SocketOption.IP_TTL!, value);
        calls.push(value);
      };
      socket.send(request(), 0, 16, '127.0.0.1', before, function (error, bytes) {
        calls.push([this === socket, error, bytes, ...ttl()]);
      });
    }
    expect([calls, socket.sendPaused]).toEqual([[], false]);
    await until(() => calls.length === 4);
    expect(calls).toEqual([3, [true, null, 16, 4, 3], 5, [true, null, 16, 4, 5]]);
    await until(() => socket.sendPaused);
    socket.setOption(raw.SocketLevel.IPPROTO_IP, raw.SocketOption.IP_TTL!, Buffer.from([9, 0, 0, 0, 0]), 4);
    expect(ttl()).toEqual([4, 9]);
  });

  test('hold messages while receiving is paused, and requests while sending is', async () => {
    const socket = ping();
    const found = replies(socket);
    socket.pauseRecv();
    await Promise.all([1, 2].map((sequence) => send(socket, request(sequence), '127.0.0.1')));
    await setTimeout(20);
    expect([found, socket.recvPaused]).toEqual([[], true]);
    socket.resumeRecv();
    await until(() => found.length === 2);

    const sent = send(socket, request(3), '127.0.0.1');
    expect(socket.pauseSend().sendPaused).toBe(true);
    expect(await Promise.race([sent, setTimeout(20, 'not sent')])).toBe('not sent');
    socket.resumeSend();
    await sent;
    await until(() => found.length === 3);
    expect(found.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  test('a listener may pause between two messages, or throw', async () => {
    const socket = ping();
    const sequences: number[] = [];
    socket.on('message', (data) => {
      if (data[20] !== 0 || data.readUInt16BE(24) !== (process.pid & 0xffff)) return;
      sequences.push(data.readUInt16BE(26));
      socket.pauseRecv();
    });
    socket.pauseRecv();
    for (const sequence of [1, 2, 3]) await send(socket, request(sequence), '127.0.0.1');
    for (const count of [1, 2, 3]) {
      while (sequences.length < count) {
        socket.resumeRecv();
        await setTimeout(1);
      }
      await setTimeout(5);
      expect(sequences).toHaveLength(count);
    }
    expect(sequences).toEqual([1, 2, 3]);
  });

  test('errors have a code, and go to the callback', async () => {
    const socket = ping();
    await expect(send(socket, request(), '127.255.255.255')).rejects.toMatchObject({
      code: 'EACCES',
      syscall: 'sendto',
    });
    await expect(send(socket, Buffer.alloc(70_000), '127.0.0.1')).rejects.toMatchObject({ code: 'EMSGSIZE' });
    for (const address of ['::1', 'localhost', undefined]) {
      const sent = send(socket, request(), address as string);
      await expect(sent).rejects.toThrow('address: expected an IPv4 address');
    }
    const tooLong = new Promise((resolve) => socket.send(request(), 10, 7, '127.0.0.1', resolve));
    expect(await tooLong).toMatchObject({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining('length') });
    expect(await send(socket, request(), '127.0.0.1')).toBe(16);
    const failed = new Error('of the caller');
    const before = () => {
      throw failed;
    };
    const told = new Promise((resolve) => socket.send(request(), 0, 16, '127.0.0.1', before, resolve));
    expect(await told).toBe(failed);
  });

  test('refuse bad arguments by their names', () => {
    expect(() => raw.createSocket({ protocol: 256 })).toThrow('protocol');
    expect(() => raw.createSocket({ addressFamily: 3 as any })).toThrow('addressFamily');
    expect(() => raw.createSocket({ bufferSize: 0 })).toThrow('bufferSize');
    expect(() => raw.createSocket()).toThrow(expect.objectContaining({ code: 'EPROTONOSUPPORT' }));
    const socket = ping();
    expect(() => socket.send('text' as any, 0, 4, '127.0.0.1', () => {})).toThrow('buffer');
    expect(() => socket.send(request(), 0, 4, '127.0.0.1', undefined as any)).toThrow('afterCallback');
    expect(() => socket.send(request(), 0, 4, '127.0.0.1', 1 as any, () => {})).toThrow('beforeCallback');
    expect(() => socket.send(request(), 0, 4, '127.0.0.1', 0 as any, () => {})).toThrow('beforeCallback');
    expect(() => socket.getOption(0, 2, Buffer.alloc(4), 5)).toThrow('length');
    expect(() => socket.setOption(0, 2, Buffer.alloc(4), 5)).toThrow('length');
    expect(() => socket.setOption(0, 9999, 1)).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }));
  });

  test('a close gives back the descriptor, tells of what was not sent, and ends all', async () => {
    const before = descriptors();
    for (let round = 0; round < 20; round++) {
      const socket = ping(round % 2 ? {} : { addressFamily: 2, protocol: 58 });
      const events: unknown[] = [];
      socket.on('close', () => events.push('close'));
      socket.on('error', (error) => events.push(error));
      const address = round % 2 ? '127.0.0.1' : '::1';
      socket.send(request(), 0, 16, address, (error) => events.push((error as NodeJS.ErrnoException).code));
      if (round % 3 === 0) socket.pauseRecv();
      expect(socket.close().close()).toBe(socket);
      expect(events).toEqual(['ECANCELED', 'close']);
      socket.pauseRecv().resumeRecv().pauseSend().resumeSend();
      await expect(send(socket, request(), address)).rejects.toMatchObject({ code: 'EBADF' });
      await setTimeout(0);
      expect(events).toHaveLength(2);
    }
    expect(descriptors()).toBe(before);
  });

  test('the process ends while both directions are paused, and a listener that throws is an uncaught exception', () => {
    const program = `
      const raw = require(${JSON.stringify(PATH)});
      const socket = raw.createSocket({ protocol: raw.Protocol.ICMP });
      const packet = Buffer.alloc(16);
      packet[0] = 8;
      raw.writeChecksum(packet, 2, raw.createChecksum(packet));
      let messages = 0;
      process.on('uncaughtException', ({ message }) => {
        console.log(message);
        if (messages < 2) return;
        socket.pauseRecv();
        setTimeout(() => console.log('still here'), 50);
      });
      socket.on('message', () => {
        messages++;
        throw new Error('of the listener');
      });
      socket.send(packet, 0, 16, '127.0.0.1', () => console.log('sent', messages));`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 20_000 });
    expect([stdout.match(/^(sent 0|of the listener|still here)$/gm)?.slice(0, 3), status]).toEqual([
      ['sent 0', 'of the listener', 'of the listener'],
      0,
    ]);
  });

  // Linux tells a full send buffer by ENOBUFS, but where a message brings its own header by EAGAIN.
  test.skipIf(!namespace.available).each([0, 1])(
    `a send waits for room, and those after it, in order: IP_HDRINCL %i ${namespace.reason}`,
    (header) => {
      const program = `
      const { execFileSync } = require('node:child_process');
      const { AF_PACKET, ETH_P_IP } = require('@bsd-sockets/packet');
      const { SOCK_RAW, Socket } = require('@bsd-sockets/socket');
      const raw = require(${JSON.stringify(PATH)});
      const { SOL_SOCKET, IPPROTO_IP } = raw.SocketLevel;
      const { SO_SNDBUF, IP_HDRINCL } = raw.SocketOption;
      const COUNT = 40;
      const link = new Socket(AF_PACKET, SOCK_RAW, ETH_P_IP);
      link.bind(['there', ETH_P_IP]);
      link.settimeout(10);
      const socket = raw.createSocket({ protocol: 253 });
      socket.setOption(SOL_SOCKET, SO_SNDBUF, 4608);
      socket.setOption(IPPROTO_IP, IP_HDRINCL, ${header});
      const called = [];
      for (let number = 0; number < COUNT; number++) {
        const packet = Buffer.alloc(1020, number);
        if (${header}) {
          packet.fill(0, 0, 20).set([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 253]);
          packet.set([192, 0, 2, 2], 16);
        }
        socket.send(packet, 0, packet.length, '192.0.2.2', (error, bytes) => {
          called.push(error?.code ?? [number, bytes]);
          if (called.length === COUNT) finish();
        });
      }
      let early;
      // Until the other end is known by its address, what was sent waits in the buffer.
      setTimeout(() => {
        early = called.length;
        execFileSync('ip', ['neigh', 'replace', '192.0.2.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'here']);
      }, 200);
      function finish() {
        const arrived = called.map(() => link.recv(2000)[14 + 20]);
        console.log(JSON.stringify({ early, called, arrived }));
        socket.close();
      }`;
      const setup =
        'ip link add here type veth peer name there && ip link set here up && ip link set there up && ip addr add 192.0.2.1/24 dev here';
      const args = ['sh', '-ec', `${setup} && exec "$0" -e "$1"`, process.execPath, program];
      const { stdout, stderr } = spawnSync('unshare', [...NETWORK, ...args], {
        ...{ encoding: 'utf8', cwd: import.meta.dirname, timeout: 30_000 },
      });
      const numbers = Array.from({ length: 40 }, (_, number) => number);
      expect(stderr).toBe('');
      const { early, called, arrived } = JSON.parse(stdout);
      expect([called, arrived]).toEqual([numbers.map((number) => [number, 1020]), numbers]);
      expect(early).toBeLessThan(40);
    },
  );

  test('works in worker threads, several at once, which leave nothing behind', async () => {
    const program = `
      const { parentPort } = require('node:worker_threads');
      const raw = require(${JSON.stringify(PATH)});
      const socket = raw.createSocket({ protocol: raw.Protocol.ICMP });
      const packet = Buffer.alloc(16);
      packet[0] = 8;
      raw.writeChecksum(packet, 2, raw.createChecksum(packet));
      socket.on('message', (data) => data[20] === 0 && parentPort.postMessage(data.length));
      socket.send(packet, 0, 16, '127.0.0.1', () => {});`;
    const workers = [1, 2].map(() => new Worker(program, { eval: true }));
    const before = descriptors();
    const lengths = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
    for (const length of lengths) expect(length).toBeGreaterThan(20);
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(descriptors()).toBeLessThanOrEqual(before);
  });
});
