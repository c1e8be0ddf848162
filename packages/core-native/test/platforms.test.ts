// What the compiler sees in the headers of macOS: platforms.json, which scripts/measure-platforms.mjs writes.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const measured = JSON.parse(read('test/platforms.json'));
const { constants } = measured['darwin-arm64'];
/** Python's names, and ours, by the platforms that have them. */
const rows = read('constants.tsv')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .slice(1)
  .map((line) => line.split('\t') as [name: string, header: string, form: string, abi: string, platforms: string]);
const onMacos = rows.filter(([, , , , platforms]) => platforms.split(',').includes('darwin')).map(([name]) => name);

/** Names that macOS has, and the headers of macOS 12 do not. */
const YOUNGER: Record<string, string> = { SO_BINDTODEVICE: 'macOS 15 defines it: an addon that is built there has it' };

describe('the constants of macOS', () => {
  test('are those that the list promises, but for younger ones', () => {
    expect(onMacos.length).toBeGreaterThan(230);
    expect(onMacos.filter((name) => !(name in constants))).toEqual(Object.keys(YOUNGER));
  });

  test('that Python has elsewhere only, and the headers of macOS too', () => {
    const others = Object.keys(constants).filter((name) => !onMacos.includes(name));
    const protocols = ['IPPROTO_IGP', 'IPPROTO_PGM', 'IPPROTO_RDP', 'IPPROTO_ST'];
    const events = ['POLLRDBAND', 'POLLRDNORM', 'POLLWRBAND', 'POLLWRNORM'];
    expect(others.sort()).toEqual(['AF_VSOCK', ...protocols, 'IPV6_AUTOFLOWLABEL', ...events]);
  });

  test('are the same on both processors', () => {
    expect(measured['darwin-x64']).toEqual(measured['darwin-arm64']);
  });

  test('are not those of Linux', () => {
    const { AF_INET6, SOL_SOCKET, SO_REUSEADDR, AF_SYSTEM, SYSPROTO_CONTROL, SOL_IP, MSG_DONTWAIT } = constants;
    expect({ AF_INET6, SOL_SOCKET, SO_REUSEADDR, AF_SYSTEM, SYSPROTO_CONTROL, SOL_IP, MSG_DONTWAIT }).toEqual({
      AF_INET6: 30,
      SOL_SOCKET: 0xffff,
      SO_REUSEADDR: 4,
      AF_SYSTEM: 32,
      SYSPROTO_CONTROL: 2,
      SOL_IP: 0,
      MSG_DONTWAIT: 0x80,
    });
  });

  const long = process.env.BSD_SOCKETS_BINARIES ? '' : '(pnpm test:binaries)';
  test.skipIf(long)(`are as the compiler sees them ${long}`, { timeout: 120_000 }, () => {
    const now = execFileSync(process.execPath, [join(root, 'scripts/measure-platforms.mjs'), '--print'], {
      encoding: 'utf8',
    });
    expect(JSON.parse(now)).toEqual(measured);
  });
});
