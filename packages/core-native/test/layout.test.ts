import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addonPath, layout, native } from '@bsd-sockets/core-native';
import { afterAll, describe, expect, test } from 'vitest';
import { without } from './capabilities';

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

test.skipIf(without('x64 or arm64'))('without the addon those of a 64-bit Linux stand in (x64 or arm64)', () => {
  expect(run('/no/such/addon', 'core.layout')).toEqual(native.layout);
});

describe.skipIf(without('little-endian'))('with structures that lie otherwise (little-endian)', () => {
  // As the compiler measures them: scripts/measure-platforms.mjs.
  const measured = JSON.parse(readFileSync(join(import.meta.dirname, 'platforms.json'), 'utf8'));
  const macos = measured['darwin-arm64'].layout;
  const freebsd = measured['freebsd-x64'].layout;
  const windows = measured['win32-x64'].layout;

  /** The addon of this platform, with the structures of another, and bindings of the test's own. */
  function withLayout(name: string, other: object, bindings = '', constants?: object): string {
    const addon = join(folder, `${name}.cjs`);
    const text = JSON.stringify(other);
    writeFileSync(
      addon,
      `const addon = require(${JSON.stringify(addonPath)});
      const block = new Int32Array(addon.callBlock, 0, 10);
      module.exports = { ...addon, layout: { ...addon.layout, ...${text} }, ${bindings}
        constants: ${constants ? JSON.stringify(constants) : 'addon.constants'} };`,
    );
    return addon;
  }

  /** The control messages of a receive for which the kernel wrote these bytes, and how many warnings came with them. */
  function received(name: string, other: object, control: string): [messages: unknown[], warnings: number] {
    const bindings = `recvmsg(buffers, memory) {
      block[7] = Buffer.from(${JSON.stringify(control)}, 'hex').copy(memory); // control_length
      return 0;
    },`;
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

  /** What expressions are with the structures and the constants of another system. */
  function over(system: 'darwin-arm64' | 'freebsd-x64', ...expressions: string[]): unknown[] {
    const { layout, constants } = measured[system];
    return run(withLayout(`${system}-constants`, layout, '', constants), `[${expressions}]`) as unknown[];
  }

  /** A structure of a system's own in hex, with these values in its fields. */
  function structure(
    system: string,
    name: string,
    values: Record<string, number | number[] | string>,
    size = measured[system].own[name].size,
  ): string {
    const memory = Buffer.alloc(size);
    for (const [field, value] of Object.entries(values)) {
      const { offset, size } = measured[system].own[name][field];
      if (typeof value === 'string') memory.write(value, offset);
      else if (Array.isArray(value)) memory.set(Buffer.from(Uint32Array.from(value).buffer), offset);
      else if (size === 8) memory.writeBigUInt64LE(BigInt(value), offset);
      else memory.writeUIntLE(value, offset, size);
    }
    return memory.toString('hex');
  }

  const option = (name: string, bytes: string) => `socket.options.${name}.codec.decode(Buffer.from('${bytes}', 'hex'))`;
  const message = (name: string, level: string, type: string, bytes: string) =>
    `(({ name, value }) => name === '${name}' ? value : 'unknown')(
      socket.readControl([[socket.${level}, socket.${type}, Buffer.from('${bytes}', 'hex')]])[0])`;
  const creds = (bytes: string) => message('SCM_CREDS2', 'SOL_SOCKET', 'SCM_CREDS2', bytes);

  test('who the peer of a unix socket is, on macOS and FreeBSD', () => {
    const credentials = { cr_uid: 501, cr_ngroups: 2, cr_groups: [20, 0xfffffffe] };
    const told = { uid: 501, groups: [20, 0xfffffffe] };
    const token = Buffer.from(Uint32Array.of(501, 502, 20, 503, 21, 4711, 100_006, 7).buffer).toString('hex');
    const names = ['LOCAL_PEERCRED', 'LOCAL_PEERPID', 'LOCAL_PEEREPID', 'LOCAL_PEERTOKEN', 'TCP_CONNECTION_INFO'];
    const places = over(
      'darwin-arm64',
      option('LOCAL_PEERCRED', structure('darwin-arm64', 'xucred', credentials)),
      // A number of groups that there cannot be.
      option('LOCAL_PEERCRED', structure('darwin-arm64', 'xucred', { cr_uid: 1, cr_ngroups: 0xffff })),
      option('LOCAL_PEERTOKEN', token),
      option('LOCAL_PEERPID', header(4711)),
      ...names.map((name) => `(({ level, option, codec }) => [level, option, codec.size])(socket.options.${name})`),
    );
    expect(places).toEqual([
      told,
      { uid: 1, groups: Array(16).fill(0) },
      { auid: 501, euid: 502, egid: 20, ruid: 503, rgid: 21, pid: 4711, asid: 100_006, pidversion: 7 },
      4711,
      [0, 1, 88],
      [0, 2, 4],
      [0, 3, 4],
      [0, 6, 32],
      [6, 262, measured['darwin-arm64'].own.tcp_connection_info.size],
    ]);
    const withPid = structure('freebsd-x64', 'xucred', { ...credentials, cr_pid: 4711 });
    expect(over('freebsd-x64', option('LOCAL_PEERCRED', withPid))).toEqual([{ ...told, pid: 4711 }]);
  });

  test('what the kernels know of a TCP connection', () => {
    const info = structure('darwin-arm64', 'tcp_connection_info', {
      tcpi_options: 7,
      tcpi_rttvar: 3,
      tcpi_txpackets: 2 ** 33,
      tcpi_txretransmitpackets: 2,
    });
    const { tcpi_txretransmitpackets } = measured['darwin-arm64'].own.tcp_connection_info;
    const shorter = info.slice(0, 2 * tcpi_txretransmitpackets.offset);
    const [whole, older] = over(
      'darwin-arm64',
      option('TCP_CONNECTION_INFO', info),
      option('TCP_CONNECTION_INFO', shorter),
    );
    const told = { options: 7, rttvar: 3, tfo: 0, txpackets: 2 ** 33, txbytes: 0 };
    expect(whole).toMatchObject({ ...told, txretransmitpackets: 2 });
    expect(older).toMatchObject(told);
    expect(older).not.toHaveProperty('txretransmitpackets');

    const values = { tcpi_rto: 230_000, tcpi_rcv_space: 65_536, tcpi_snd_wnd: 4096, tcpi_snd_rexmitpack: 5 };
    const [freebsdInfo] = over(
      'freebsd-x64',
      option('TCP_INFO', structure('freebsd-x64', 'tcp_info', { ...values, tcpi_snd_zerowin: 6 })),
    );
    const told13 = { rto: 230_000, rcvSpace: 65_536, sndWnd: 4096, totalRetrans: 5, sndZerowin: 6 };
    expect(freebsdInfo).toMatchObject(told13);
  });

  test('who sent a message, on FreeBSD', () => {
    const sender = { cmcred_pid: 4711, cmcred_uid: 1001, cmcred_euid: 0, cmcred_gid: 1002, cmcred_ngroups: 2 };
    const cmsgcred = structure('freebsd-x64', 'cmsgcred', { ...sender, cmcred_groups: [1002, 5] });
    const values = { sc_pid: 4711, sc_uid: 1001, sc_euid: 0, sc_gid: 1002, sc_egid: 3, sc_ngroups: 2 };
    const told = { pid: 4711, uid: 1001, euid: 0, gid: 1002, groups: [1002, 5] };
    const answers = over(
      'freebsd-x64',
      message('SCM_CREDS', 'SOL_SOCKET', 'SCM_CREDS', cmsgcred),
      creds(structure('freebsd-x64', 'sockcred2', { ...values, sc_groups: [1002, 5] }, 36)),
      // More groups than there is room for, and fewer than none.
      `${creds(structure('freebsd-x64', 'sockcred2', { sc_ngroups: 0x7fffffff }))}.groups`,
      `${creds(structure('freebsd-x64', 'sockcred2', { sc_ngroups: 0xffffffff }))}.groups`,
      'hex(socket.ScmCreds.encode({})[2])',
    );
    const asked = '00'.repeat(measured['freebsd-x64'].own.cmsgcred.size);
    expect(answers).toEqual([told, { ...told, egid: 3 }, [0], [], asked]);
  });

  test.each(['darwin-arm64', 'freebsd-x64'] as const)('what comes with a datagram of IPv4, on %s', (system) => {
    const interfaceOf = (length: number) =>
      structure(system, 'sockaddr_dl', { sdl_index: 4, sdl_nlen: length, sdl_data: 'en0' });
    const ofIp = (name: string, type: string, bytes: string) => message(name, 'IPPROTO_IP', type, bytes);
    const answers = over(
      system,
      ofIp('IP_RECVIF', 'IP_RECVIF', interfaceOf(3)),
      // Longer than there is of it.
      ofIp('IP_RECVIF', 'IP_RECVIF', interfaceOf(255).slice(0, 22)),
      ofIp('IP_RECVDSTADDR', 'IP_RECVDSTADDR', '7f000005'),
      `hex(socket.IpRecvdstaddr.encode('127.0.0.5')[2])`,
      // One byte, under the number of the option; what is sent has the number of the field.
      ofIp('IP_TTL', 'IP_RECVTTL', '40'),
      ofIp('IP_TOS', 'IP_RECVTOS', 'b8'),
      'socket.IpTos.encode(0xb8)[1] === socket.IP_TOS',
      `String(${message('SO_TIMESTAMP', 'SOL_SOCKET', 'SCM_TIMESTAMP', '01'.padEnd(16, '0') + '05'.padEnd(16, '0'))})`,
    );
    const en0 = { ifindex: 4, name: 'en0' };
    expect(answers).toEqual([en0, en0, '127.0.0.5', '7f000005', 64, 0xb8, true, '1000005000']);
  });

  test.each(['darwin-arm64', 'freebsd-x64'] as const)(
    'the sender of a group precedes the interface, on %s',
    (system) => {
      const source = `{ multiaddr: '232.1.2.3', interface: '127.0.0.1', sourceaddr: '10.0.0.1' }`;
      const encoded = `hex(socket.options.IP_ADD_SOURCE_MEMBERSHIP.codec.encode(${source}, 'group'))`;
      expect(over(system, encoded)).toEqual(['e80102030a0000017f000001']);
    },
  );

  test('a unix address of Windows has no more than a path', () => {
    const encode = `(address) => hex(socket.familyOf(socket.AF_UNIX).encode(address, {}))`;
    const code = `[
      (${encode})('C:\\\\ü'),
      (${encode})(''),
      (${encode})('x'.repeat(107)).length,
      (() => { try { (${encode})('x'.repeat(108)); } catch (error) { return error.code; } })(),
      socket.familyOf(socket.AF_UNIX).decode(Buffer.from('0100433a00ff', 'hex')),
      socket.familyOf(socket.AF_UNIX).decode(Buffer.from('0100', 'hex')),
    ]`;
    const { size } = windows.sockaddr_un;
    expect(size).toBe(110);
    expect(run(withLayout('windows', windows), code)).toEqual([
      `0100${'433a5cc3bc'}00`,
      '0100',
      2 * size,
      'ENAMETOOLONG',
      'C:',
      '',
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
