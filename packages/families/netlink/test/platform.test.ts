import { spawnSync } from 'node:child_process';
import { capability } from '@bsd-sockets/family-testkit';
import { AF_NETLINK, getLinks, NETLINK_ROUTE, NETLINK_USERSOCK, Netlink } from '@bsd-sockets/netlink';
import * as promises from '@bsd-sockets/netlink/promises';
import { SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { openDescriptors } from '../../../socket/test/open-descriptors';

const netlink = capability('AF_NETLINK', 'SOCK_RAW', 'NETLINK_ROUTE');

test('without the constants of the family both faces import, and a connection says what is missing', () => {
  // An addon that cannot be loaded has no constants, as a platform without the family has none of its.
  const program = `
    const { Netlink, NETLINK_ROUTE, AF_NETLINK } = require('@bsd-sockets/netlink');
    const promises = require('@bsd-sockets/netlink/promises');
    const message = (face) => { try { new face.Netlink(face.NETLINK_ROUTE) } catch (error) { return error.message.split('\\n')[0] } };
    console.log(JSON.stringify([AF_NETLINK ?? null, message({ Netlink, NETLINK_ROUTE }), message(promises)]));`;
  const env = { ...process.env, BSD_SOCKETS_ADDON: '/nonexistent' };
  const { stdout } = spawnSync(process.execPath, ['--eval', program], {
    cwd: import.meta.dirname,
    env,
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toEqual([
    null,
    expect.stringMatching(/nonexistent|addon/),
    expect.stringMatching(/nonexistent|addon/),
  ]);
});

describe.skipIf(!netlink.available)(`a connection ${netlink.reason}`, () => {
  test.each([
    ['blocking', Netlink],
    ['promise', promises.Netlink],
  ])('of the %s face takes a socket over, and closes it', (_, face) => {
    const before = openDescriptors();
    const socket = new Socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
    const fd = socket.fileno();
    const connection = new face(socket);
    expect([socket.fileno(), connection.socket.fileno()]).toEqual([-1, fd]);
    expect(connection.pid).toBe(connection.socket.getsockname()[0]);
    connection.close();
    connection.close();
    expect(openDescriptors()).toEqual(before);
  });

  test.each([
    ['blocking', Netlink],
    ['promise', promises.Netlink],
  ])('of the %s face leaves nothing open when it cannot be', (_, face) => {
    const before = openDescriptors();
    const socket = new Socket();
    for (const bad of [undefined, null, 'route', 999999, socket]) expect(() => new face(bad as never)).toThrow();
    expect(openDescriptors()).toEqual(before);
  });

  test('ignores what other programs send to it', () => {
    using connection = new Netlink(NETLINK_USERSOCK);
    connection.socket.settimeout(0.1);
    using other = new Socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
    other.sendto(Buffer.alloc(3), [connection.pid, 0]);
    const request = { ...getLinks(), protocol: NETLINK_USERSOCK };
    // Nobody in the kernel listens to this protocol.
    expect(() => connection.dump(request)).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }));
    const events = { protocol: NETLINK_USERSOCK, groups: [1], decode: () => true };
    expect(() => connection.watch(events).next()).toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  });
});
