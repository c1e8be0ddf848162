import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { capability, program } from '@bsd-sockets/family-testkit';
import {
  getInetSockets,
  getUnixSockets,
  NETLINK_SOCK_DIAG,
  Netlink,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '@bsd-sockets/netlink';
import { AF_INET, AF_INET6, AF_UNIX, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { inNamespace, noNamespace } from './namespace';

const diag = capability('AF_NETLINK', 'SOCK_RAW', 'NETLINK_SOCK_DIAG');
const ss = program('ss', 'iproute2');
const uid = process.getuid?.();

describe.skipIf(!diag.available)(`sock_diag ${diag.reason}`, () => {
  test('finds a listening socket, and both ends of a connection', () => {
    using server = new Socket();
    server.bind(['127.0.0.1', 0]);
    server.listen(7);
    const address = server.getsockname();
    using client = new Socket();
    client.connect(address);
    using accepted = server.accept()[0];
    client.sendall(Buffer.alloc(11));
    using connection = new Netlink(NETLINK_SOCK_DIAG);
    const all = [...connection.dump(getInetSockets({ family: AF_INET }))].filter(
      ({ local, remote }) => local[1] === address[1] || remote[1] === address[1],
    );
    const listening = all.find(({ state }) => state === TCP_LISTEN);
    expect(listening).toMatchObject({
      family: AF_INET,
      local: address,
      remote: ['0.0.0.0', 0],
      sendQueue: 7,
      receiveQueue: 0,
      uid,
    });
    const ours = all.find(({ local }) => local[1] === client.getsockname()[1]);
    expect(ours).toMatchObject({ state: TCP_ESTABLISHED, local: client.getsockname(), remote: address, uid });
    const theirs = all.find(({ remote }) => remote[1] === client.getsockname()[1]);
    expect(theirs).toMatchObject({ state: TCP_ESTABLISHED, receiveQueue: 11 });
    expect(theirs?.tcpInfo?.bytesReceived).toBe(11);
    expect(theirs?.congestion).toMatch(/./);
    expect(theirs?.inode).toBe(Number(/\d+/.exec(linkOf(accepted.fileno()))));
    const states = [...connection.dump(getInetSockets({ family: AF_INET, states: [TCP_LISTEN] }))].map(
      ({ state }) => state,
    );
    expect(new Set(states)).toEqual(new Set([TCP_LISTEN]));
  });

  test.skipIf(without('IPv6'))('finds UDP sockets, of IPv6 too (IPv6)', () => {
    using socket = new Socket(AF_INET6, SOCK_DGRAM);
    socket.bind(['::1', 0]);
    using connection = new Netlink(NETLINK_SOCK_DIAG);
    const found = [...connection.dump(getInetSockets({ family: AF_INET6, protocol: IPPROTO_UDP }))];
    expect(found.find(({ local }) => local[1] === socket.getsockname()[1])).toMatchObject({
      family: AF_INET6,
      local: ['::1', socket.getsockname()[1]],
      remote: ['::', 0],
      state: TCP_CLOSE,
      tcpInfo: undefined,
    });
  });

  test('finds unix sockets, their peers and those who wait', () => {
    using server = new Socket(AF_UNIX, SOCK_STREAM);
    const name = Buffer.from(`\0netlink \xff ${process.pid}`, 'latin1');
    server.bind(name);
    server.listen(3);
    using client = new Socket(AF_UNIX, SOCK_STREAM);
    client.connect(name);
    using connection = new Netlink(NETLINK_SOCK_DIAG);
    const all = [...connection.dump(getUnixSockets())];
    const ours = (socket: Socket<number>) =>
      all.find(({ inode }) => inode === Number(/\d+/.exec(linkOf(socket.fileno()))));
    expect(ours(server as Socket<number>)).toMatchObject({
      type: SOCK_STREAM,
      state: TCP_LISTEN,
      path: name,
      pending: [expect.any(Number)],
      receiveQueue: 1,
      sendQueue: 3,
    });
    expect(ours(client as Socket<number>)).toMatchObject({ state: TCP_ESTABLISHED, path: undefined });
  });
});

describe.skipIf(noNamespace || !ss.available)(`what ss(8) prints is what we read ${noNamespace || ss.reason}`, () => {
  test('of TCP, UDP and unix sockets', () => {
    const [ours, theirs] = inNamespace(`
      const net = require('node:net');
      const s = require('@bsd-sockets/socket');
      run('ip', 'link', 'set', 'lo', 'up');
      const open = [];
      for (const host of ['127.0.0.1', '0.0.0.0', '::1']) {
        const [family] = host.includes(':') ? [s.AF_INET6] : [s.AF_INET];
        const server = new s.Socket(family, s.SOCK_STREAM);
        server.bind([host, 0]);
        server.listen(5);
        const client = new s.Socket(family, s.SOCK_STREAM);
        client.connect(server.getsockname());
        client.sendall(Buffer.alloc(9));
        const datagrams = new s.Socket(family, s.SOCK_DGRAM);
        datagrams.bind([host, 0]);
        open.push(server, client, datagrams);
      }
      const diag = new n.Netlink(n.NETLINK_SOCK_DIAG);
      const states = { [n.TCP_LISTEN]: 'LISTEN', [n.TCP_ESTABLISHED]: 'ESTAB', [n.TCP_CLOSE]: 'UNCONN' };
      const text = ([host, port]) => (host.includes(':') ? '[' + host + ']' : host) + ':' + (port || '*');
      const ours = [];
      for (const protocol of [s.IPPROTO_TCP, s.IPPROTO_UDP]) {
        for (const family of [s.AF_INET, s.AF_INET6]) {
          for (const one of diag.dump(n.getInetSockets({ family, protocol }))) {
            ours.push([states[one.state], one.receiveQueue, one.sendQueue, text(one.local), text(one.remote), one.inode].join(' '));
          }
        }
      }
      const theirs = ['-t', '-u'].flatMap((kind) => run('ss', '-H', '-n', '-a', '-e', kind).trim().split('\\n').map((line) => {
        const [state, received, sent, local, remote] = line.trim().split(/\\s+/);
        return [state, received, sent, local, remote, /ino:(\\d+)/.exec(line)?.[1] ?? 0].join(' ');
      }));
      // The kernel may have sockets of its own.
      const ports = new Set(open.map((socket) => String(socket.getsockname()[1])));
      const isOwn = (line) => ports.has(line.split(' ')[3].split(':').pop());
      return [ours.filter(isOwn).sort(), theirs.filter(isOwn).sort()];`);
    expect(ours.length).toBe(12);
    expect(ours).toEqual(theirs);
  });

  test('of the unix sockets of this program', () => {
    using server = new Socket(AF_UNIX, SOCK_STREAM);
    server.bind(`\0netlink ss ${process.pid}`);
    server.listen(4);
    const printed = execFileSync('ss', ['-H', '-x', '-l', '-n'], { encoding: 'utf8' });
    const line = printed.split('\n').find((line) => line.includes(`@netlink ss ${process.pid}`));
    const [, , received, sent, rest] = /^(\S+)\s+LISTEN\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line ?? '') ?? [];
    using connection = new Netlink(NETLINK_SOCK_DIAG);
    const ours = [...connection.dump(getUnixSockets({ states: [TCP_LISTEN] }))].find(({ inode }) =>
      rest?.includes(` ${inode} `),
    );
    expect([ours?.receiveQueue, ours?.sendQueue]).toEqual([Number(received), Number(sent)]);
    expect(ours?.path).toEqual(Buffer.from(`\0netlink ss ${process.pid}`));
  });
});

function linkOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}
