import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { addonPath, layout, native } from '@bsd-sockets/core-native';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-layout-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program prints as JSON over another addon. */
function run(addon: string, code: string): unknown {
  const program = `
    const core = require('@bsd-sockets/core-native');
    const socket = require('@bsd-sockets/socket');
    const hex = (bytes) => Buffer.from(bytes).toString('hex');
    console.log(JSON.stringify(${code}));`;
  const env = { ...process.env, BSD_SOCKETS_ADDON: addon };
  return JSON.parse(
    execFileSync(process.execPath, ['-e', program], { cwd: import.meta.dirname, env, encoding: 'utf8' }),
  );
}

test('the addon measures all structures', () => {
  expect(Object.keys(native.layout).sort()).toEqual(Object.keys(layout).sort());
});

test.runIf(['x64', 'arm64'].includes(arch()))('without the addon those of a 64-bit Linux stand in', () => {
  expect(run('/no/such/addon', 'core.layout')).toEqual(native.layout);
});

describe.runIf(endianness() === 'LE')('with structures that lie otherwise', () => {
  const field = (offset: number, size: number) => ({ offset, size });
  const macos = {
    sockaddr: { size: 16, alignment: 1, sa_len: field(0, 1), sa_family: field(1, 1) },
    sockaddr_un: { size: 106, alignment: 1, sun_path: field(2, 104) },
    cmsghdr: { size: 12, alignment: 4, cmsg_len: field(0, 4), cmsg_level: field(4, 4), cmsg_type: field(8, 4) },
    group_req: { size: 132, alignment: 4, gr_interface: field(0, 4), gr_group: field(4, 128) },
    timeval: { size: 16, alignment: 8, tv_sec: field(0, 8), tv_usec: field(8, 4) },
  };
  const windows = {
    cmsghdr: { size: 16, alignment: 8, cmsg_len: field(0, 8), cmsg_level: field(8, 4), cmsg_type: field(12, 4) },
    in_pktinfo: { size: 8, alignment: 4, ipi_addr: field(0, 4), ipi_ifindex: field(4, 4) },
    linger: { size: 4, alignment: 2, l_onoff: field(0, 2), l_linger: field(2, 2) },
    pollfd: { size: 16, alignment: 8, fd: field(0, 8), events: field(8, 2), revents: field(10, 2) },
  };

  /** The addon of this platform, with the structures of another. */
  function withLayout(name: string, other: object): string {
    const addon = join(folder, `${name}.cjs`);
    const text = JSON.stringify(other);
    writeFileSync(
      addon,
      `const addon = require(${JSON.stringify(addonPath)});
      module.exports = { ...addon, layout: { ...addon.layout, ...${text} } };`,
    );
    return addon;
  }

  test('a sockaddr begins with its length, and a path is shorter', () => {
    const addon = withLayout('macos', macos);
    const encode = `(address) => socket.familyOf(socket.AF_UNIX).encode(address, {})`;
    const { inet, family, path, error } = run(
      addon,
      `{
        inet: hex(socket.familyOf(socket.AF_INET).encode(['1.2.3.4', 80], {})),
        family: core.sockaddrFamily(core.newSockaddr(30, 28)),
        path: (${encode})('x'.repeat(103)).length,
        error: (() => { try { (${encode})('x'.repeat(104)); } catch (error) { return error.code; } })(),
      }`,
    ) as Record<string, unknown>;
    expect([inet, family, path, error]).toEqual([`1002005001020304${'0'.repeat(16)}`, 30, 106, 'ENAMETOOLONG']);
  });

  test('control messages have a header of 12 bytes, and are 4 bytes apart', () => {
    expect(run(withLayout('macos', macos), '[socket.CMSG_LEN(0), socket.CMSG_LEN(1), socket.CMSG_SPACE(1)]')).toEqual([
      12, 13, 16,
    ]);
  });

  test('a timeval has microseconds of 32 bits, and a group lies right behind the index', () => {
    const options = `[
      hex(socket.timeval.encode(1.5, 'timeout')),
      socket.timeval.decode(socket.timeval.encode(1.5, 'timeout')),
      socket.options.MCAST_JOIN_GROUP.codec.encode({ multiaddr: '239.1.2.3', ifindex: 1 }, 'group').length,
    ]`;
    expect(run(withLayout('macos', macos), options)).toEqual([
      `${'01'.padEnd(16, '0')}20a10700${'0'.repeat(8)}`,
      1.5,
      132,
    ]);
  });

  test('linger and packet info are shorter', () => {
    const code = `[
      hex(socket.options.SO_LINGER.codec.encode(5, 'linger')),
      hex(socket.IpPktinfo.encode({ ifindex: 2, specDst: '127.0.0.1' })[2]),
      socket.IpPktinfo.decode([socket.IpPktinfo.encode({ ifindex: 2, specDst: '127.0.0.1' })]),
    ]`;
    expect(run(withLayout('windows', windows), code)).toEqual([
      '01000500',
      '7f00000102000000',
      { ifindex: 2, specDst: '127.0.0.1', addr: '127.0.0.1' },
    ]);
  });
});
