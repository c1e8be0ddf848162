import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  // As the compiler measures them: scripts/measure-platforms.mjs.
  const measured = JSON.parse(readFileSync(join(import.meta.dirname, 'platforms.json'), 'utf8'));
  const macos = measured['darwin-arm64'].layout;
  const freebsd = measured['freebsd-x64'].layout;
  const field = (offset: number, size: number) => ({ offset, size });
  const windows = {
    cmsghdr: { size: 16, alignment: 8, cmsg_len: field(0, 8), cmsg_level: field(8, 4), cmsg_type: field(12, 4) },
    in_pktinfo: { size: 8, alignment: 4, ipi_addr: field(0, 4), ipi_ifindex: field(4, 4) },
    linger: { size: 4, alignment: 2, l_onoff: field(0, 2), l_linger: field(2, 2) },
    pollfd: { size: 16, alignment: 8, fd: field(0, 8), events: field(8, 2), revents: field(10, 2) },
  };

  /** The addon of this platform, with the structures of another, and bindings of the test's own. */
  function withLayout(name: string, other: object, bindings = ''): string {
    const addon = join(folder, `${name}.cjs`);
    const text = JSON.stringify(other);
    writeFileSync(
      addon,
      `const addon = require(${JSON.stringify(addonPath)});
      const block = new Int32Array(addon.callBlock, 0, 10);
      module.exports = { ...addon, layout: { ...addon.layout, ...${text} }, ${bindings} };`,
    );
    return addon;
  }

  /** The control messages of a receive for which the kernel wrote these bytes, and how many warnings came with them. */
  function received(name: string, other: object, control: string): [messages: unknown[], warnings: number] {
    const bindings = `recvmsg(buffers, memory) {
      block[7] = Buffer.from(${JSON.stringify(control)}, 'hex').copy(memory); // control_length
      return 0;
    }`;
    const code = `(() => {
      let warnings = 0;
      process.emitWarning = () => warnings++;
      const [one] = socket.socketpair();
      const [, ancdata] = one.recvmsg(1, 256);
      return [ancdata.map(([level, type, data]) => [level, type, hex(data)]), warnings];
    })()`;
    return run(withLayout(name, other, bindings), code) as [unknown[], number];
  }

  /** The control data that a send hands to the kernel. */
  function sent(name: string, other: object): unknown {
    const code = `(() => {
      let control;
      core.native.sendmsg = (buffers, memory) => ((control = hex(memory)), 0);
      socket.socketpair()[0].sendmsg([], [[1, 2, Buffer.from('ab')], [3, 4, Buffer.from('636466676869', 'hex')]]);
      return control;
    })()`;
    return run(withLayout(name, other), code);
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

  test('control messages of FreeBSD have padding behind the header, and are 8 bytes apart', () => {
    expect(
      run(withLayout('freebsd', freebsd), '[socket.CMSG_LEN(0), socket.CMSG_LEN(1), socket.CMSG_SPACE(1)]'),
    ).toEqual([16, 17, 24]);
  });

  // Length, level and type in 32 bits each, then the data.
  const header = (...numbers: number[]) => Buffer.from(new Int32Array(numbers).buffer).toString('hex');

  test('are sent and received 4 bytes apart on macOS', () => {
    const control = `${header(14, 1, 2)}61620000${header(18, 3, 4)}6364666768690000`;
    expect(sent('macos', macos)).toBe(control);
    expect(received('macos', macos, control)).toEqual([
      [
        [1, 2, '6162'],
        [3, 4, '636466676869'],
      ],
      0,
    ]);
  });

  test('and 8 on FreeBSD', () => {
    const control = `${header(18, 1, 2, 0)}6162${'00'.repeat(6)}${header(22, 3, 4, 0)}6364666768690000`;
    expect(sent('freebsd', freebsd)).toBe(control);
    expect(received('freebsd', freebsd, control)).toEqual([
      [
        [1, 2, '6162'],
        [3, 4, '636466676869'],
      ],
      0,
    ]);
  });

  test.each([
    ['a length of 0', header(0, 1, 2), []],
    ['a length below that of the header', header(11, 1, 2), []],
    ['a length of -1', `${header(-1, 1, 2)}6162`, [[1, 2, '6162']]],
    ['a length beyond the end', `${header(40, 1, 2)}61620000`, [[1, 2, '61620000']]],
    ['one that is right before', `${header(13, 1, 2)}61000000${header(4, 5, 6)}`, [[1, 2, '61']]],
  ])('%s in control data of macOS ends the list with a warning', (_, control, messages) => {
    expect(received('macos', macos, control)).toEqual([messages, 1]);
  });

  test('less than a header is no message', () => {
    expect(received('macos', macos, header(12, 1).slice(0, 16))).toEqual([[], 0]);
    // Of FreeBSD's header the padding counts.
    expect(received('freebsd', freebsd, header(12, 1, 2))).toEqual([[], 0]);
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
