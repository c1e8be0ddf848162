// What an event set tells and when: event-set/contract.cc, over this platform's own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const addon = join(import.meta.dirname, '../addon');
const folder = mkdtempSync(join(tmpdir(), 'bsd-event-set-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('an event set keeps its contract', { timeout: 120_000 }, () => {
  const platform = process.platform === 'linux' ? ['linux/event_set.cc'] : ['bsd/event_set.cc', 'bsd/kqueue.cc'];
  const sources = [join(import.meta.dirname, 'event-set/contract.cc'), ...platform.map((file) => join(addon, file))];
  const program = join(folder, 'contract');
  const options = ['-std=c++17', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-I', addon];
  execFileSync('c++', [...options, ...sources, '-o', program], { stdio: ['ignore', 'ignore', 'inherit'] });
  const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
  expect(lines.filter((line) => !/^(ok|#) /.test(line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('ok')).length).toBe(44);
});
