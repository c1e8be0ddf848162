import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as sockets from '@bsd-sockets/socket';
import { type Capability, OSError, probe, probeReport, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { openDescriptors } from './open-descriptors';
import { onWindows } from './platform';

const number = (name: string) => (sockets as Record<string, unknown>)[name] as number;

describe('probe', () => {
  test('says of each kind of socket what opening it says', () => {
    for (const { family, type, proto, available, error } of probe()) {
      if (proto !== '' && !/^(IPPROTO|NETLINK|CAN|BTPROTO)_/.test(proto)) continue; // those try more than that
      // A platform without the constants has nothing to open.
      if (error === undefined && !available) continue;
      const open = () => new Socket(number(family), number(type), proto === '' ? 0 : number(proto)).close();
      if (available) expect(open).not.toThrow();
      else expect(open).toThrow(expect.objectContaining({ code: error!.code }));
    }
  });

  test('has no row twice, and advice and an error for each that does not open', () => {
    const rows = probe();
    const names = rows.map(({ family, type, proto }) => `${family} ${type} ${proto}`);
    expect(new Set(names).size).toBe(names.length);
    // TCP and UDP of both families: Windows has no more for a user without privileges.
    expect(rows.filter(({ available }) => available).length).toBeGreaterThanOrEqual(4);
    for (const { family, type, proto, available, error, advice } of rows) {
      const known = [family, type].every((name) => number(name) !== undefined) && !/^[A-Z]/.test(proto);
      if (!onWindows || known) expect(error instanceof OSError).toBe(!available);
      expect(typeof advice).toBe(available ? 'undefined' : 'string');
    }
  });

  test('looks again each time, and leaves no descriptor open', () => {
    const before = openDescriptors();
    const rows = probe();
    expect(probe()).not.toBe(rows);
    expect(probe().map(withoutError)).toEqual(rows.map(withoutError));
    expect(openDescriptors()).toEqual(before);
  });

  test('a family that a package has registered is probed all the same', () => {
    const script = `
      const { probe, registerFamily } = require('@bsd-sockets/socket');
      const family = (number, name) => registerFamily({ number, name, encode: () => { throw 1; }, decode: () => 0 });
      const states = () => JSON.stringify(probe().map(({ available }) => available));
      const before = states();
      family(38, 'AF_ALG');
      family(40, 'AF_VSOCK');
      console.log(states() === before);`;
    expect(execFileSync(process.execPath, ['-e', script], { cwd: import.meta.dirname, encoding: 'utf8' })).toBe(
      'true\n',
    );
  });
});

test('without CAP_NET_RAW the advice is to have it (root, setpriv)', ({ skip }) => {
  if (process.getuid?.() !== 0) skip();
  const script = "console.log(JSON.stringify(require('@bsd-sockets/socket').probe()))";
  const drop = ['--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'];
  const rows: Capability[] = JSON.parse(
    execFileSync('setpriv', [...drop, process.execPath, '-e', script], { cwd: import.meta.dirname, encoding: 'utf8' }),
  );
  const raw = rows.find(({ type, proto }) => type === 'SOCK_RAW' && proto === 'IPPROTO_ICMP')!;
  expect(raw).toMatchObject({ available: false, advice: 'run as root, or with the capability CAP_NET_RAW' });
});

describe('the report', () => {
  test('has the versions and a line for each row', () => {
    const lines = probeReport().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^Node +${process.version}$`));
    expect(lines[1]!.endsWith(release())).toBe(true);
    const addon = lines.find((line) => line.startsWith('addon'))!.replace(/^addon +/, '');
    expect(readFileSync(addon).subarray(1, 4).toString()).toMatch(onWindows ? /^Z/ : /ELF/);
    for (const { family, type, proto, available } of probe()) {
      const row = new RegExp(`^${family} +${type} +${proto} +${available ? 'yes$' : onWindows ? 'no' : 'no: E'}`);
      expect(lines.filter((line) => row.test(line))).toHaveLength(1);
    }
  });

  test('is what the command prints', () => {
    const command = fileURLToPath(new URL('../bin/bsd-sockets-probe.js', import.meta.url));
    expect(execFileSync(process.execPath, [command], { encoding: 'utf8' })).toBe(`${probeReport()}\n`);
  });
});

function withoutError({ family, type, proto, available }: Capability) {
  return { family, type, proto, available };
}
