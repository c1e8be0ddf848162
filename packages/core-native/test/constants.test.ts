import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@bsd-sockets/core-native';
import { native } from '@bsd-sockets/core-native';
import * as constants from '@bsd-sockets/core-native/constants';
import { describe, expect, test } from 'vitest';
import { without } from './capabilities';

const table = constants as unknown as Record<string, number | undefined>;
const names = Object.keys(constants).filter((name) => name !== 'default' && name !== 'module.exports');

interface Row {
  name: string;
  header: string;
  form: string;
  abi: string;
  platforms: string[];
}

const rows: Row[] = readFileSync(join(import.meta.dirname, '..', 'constants.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .slice(1)
  .map((line) => {
    const [name, header, form, abi, platforms] = line.split('\t') as [string, string, string, string, string];
    return { name, header, form, abi, platforms: platforms.split(',') };
  });
const onLinux = rows.filter(({ platforms }) => platforms.includes('linux'));

describe('the names', () => {
  test('are those of constants.tsv', () => {
    expect(rows.length).toBeGreaterThan(400);
    expect([...names].sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  test('are exported by the package too', () => {
    const different = names.filter((name) => (core as Record<string, unknown>)[name] !== table[name]);
    expect(different).toEqual([]);
  });

  test('have the numbers of the addon', () => {
    expect(names.filter((name) => table[name] !== native.constants[name])).toEqual([]);
    expect(Object.keys(native.constants).filter((name) => !names.includes(name))).toEqual([]);
  });

  test.skipIf(without('Linux'))('of Linux are there, and the others are undefined (Linux)', () => {
    expect(onLinux.map(({ name }) => name).filter((name) => !Number.isSafeInteger(table[name]))).toEqual([]);
    const elsewhere = rows.filter(({ platforms }) => !platforms.includes('linux')).map(({ name }) => name);
    expect(elsewhere).toContain('AF_SYSTEM');
    expect(elsewhere.filter((name) => table[name] !== undefined)).toEqual([]);
  });
});

describe('the numbers', () => {
  test.skipIf(without('Linux'))("are the kernel's where the list has one (Linux)", () => {
    const listed = onLinux.filter(({ abi }) => abi !== '-');
    expect(listed.length).toBeGreaterThan(100);
    expect(listed.filter(({ name, abi }) => table[name] !== Number(abi)).map(({ name }) => name)).toEqual([]);
  });

  test.skipIf(without('Linux'))('that come from the list are of names in it (Linux)', () => {
    const withNumber = new Set(onLinux.filter(({ abi }) => abi !== '-').map(({ name }) => name));
    expect(native.abiConstants.filter((name) => !withNumber.has(name))).toEqual([]);
    expect(new Set(native.abiConstants).size).toBe(native.abiConstants.length);
  });

  test('that everybody knows', () => {
    const { AF_UNIX, AF_INET, SOCK_STREAM, SOCK_DGRAM, INADDR_BROADCAST, SHUT_RDWR, EAI_NONAME } = constants;
    expect({ AF_UNIX, AF_INET, SOCK_STREAM, SOCK_DGRAM, INADDR_BROADCAST, SHUT_RDWR, EAI_NONAME }).toEqual({
      AF_UNIX: 1,
      AF_INET: 2,
      SOCK_STREAM: 1,
      SOCK_DGRAM: 2,
      INADDR_BROADCAST: 0xffffffff,
      SHUT_RDWR: 2,
      EAI_NONAME: process.platform === 'win32' ? 11_001 : -2,
    });
  });

  test.skipIf(without('python3'))('are those of Python where both have the name (python3)', () => {
    const script = `
import json, socket
print(json.dumps({name: int(value) for name, value in vars(socket).items()
                  if name[0].isupper() and type(value) is not bool and isinstance(value, int)}))`;
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    const python = JSON.parse(stdout) as Record<string, number>;
    const both = Object.keys(python).filter((name) => names.includes(name));
    expect(both.length).toBeGreaterThan(250);
    const different = both.filter((name) => table[name] !== python[name]);
    expect(different.map((name) => [name, table[name], python[name]])).toEqual([]);
  });

  test.skipIf(without('python3'))('have every name of Python (python3)', () => {
    // What is in the module without being a number of the platform's.
    const others = ['EAGAIN', 'EBADF', 'EINTR', 'EWOULDBLOCK'];
    const script = `
import json, socket
print(json.dumps([name for name, value in vars(socket).items()
                  if name[0].isupper() and type(value) is not bool and isinstance(value, int)]))`;
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    const missing = (JSON.parse(stdout) as string[]).filter((name) => !names.includes(name) && !others.includes(name));
    expect(missing).toEqual([]);
  });
});

describe('the errnos', () => {
  test.skipIf(without('python3'))('are those of Python (python3)', () => {
    const script = 'import errno, json; print(json.dumps({k: v for k, v in vars(errno).items() if k[0] == "E"}))';
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    const python = JSON.parse(stdout) as Record<string, number>;
    const both = Object.keys(python).filter((name) => name in native.errnos);
    expect(both.length).toBeGreaterThan(100);
    expect(both.filter((name) => native.errnos[name] !== python[name])).toEqual([]);
    expect(Object.keys(python).filter((name) => !(name in native.errnos))).toEqual([]);
  });
});
