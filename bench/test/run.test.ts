import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('../run.mjs', import.meta.url));
const ONE_CASE = ['--case', 'pingpong-unix-64', '--quick', '--rounds', '3'];

const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function bench(args: string[], environment: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8', env: { ...process.env, ...environment } });
}

const missing = (program: string) => (spawnSync(program, ['--version']).status === 0 ? '' : ` (needs ${program})`);
const [noCompiler, noPython] = [missing('cc'), missing('python3')];

/** The processes whose environment has this text. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/environ`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

describe.skipIf(noCompiler || noPython)(`with C and CPython${noCompiler}${noPython}`, () => {
  test('a quick run of one case writes a row for each peer, and leaves neither processes nor files behind', () => {
    const json = join(folder, 'rows.json');
    const mark = randomUUID();
    const temporary = mkdtempSync(join(folder, 'temporary-'));
    const { status, stdout, stderr } = bench([...ONE_CASE, '--json', json], { BENCH_MARK: mark, TMPDIR: temporary });
    expect(stderr).toMatch(/^pingpong-unix-64: 3 rounds of \d+ sends and receives\n$/);
    expect(status).toBe(0);

    const rows: Record<string, unknown>[] = JSON.parse(readFileSync(json, 'utf8'));
    expect(rows.map(({ peer }) => peer)).toEqual(['c', 'cpython']);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(['case', 'peer', 'ratio', 'low', 'high', 'rounds']);
      expect(row).toMatchObject({ case: 'pingpong-unix-64', rounds: 3 });
      expect(row.low).toBeGreaterThan(0);
      expect(row.ratio).toBeGreaterThanOrEqual(row.low as number);
      expect(row.high).toBeGreaterThanOrEqual(row.ratio as number);
    }

    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^case +peer +ratio +low–high +rounds +target$/);
    expect(lines[1]).toMatch(/^pingpong-unix-64 +c +[\d.]+ +[\d.]+–[\d.]+ +3 +[\d.]+ (not )?met$/);
    expect(lines[2]).toMatch(/^pingpong-unix-64 +cpython +[\d.]+ +[\d.]+–[\d.]+ +3 +[\d.]+ (not )?met$/);
    expect(lines).toHaveLength(3);

    expect(processesWith(mark)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('another checkout is a peer of each case whose program it has', () => {
    const checkout = fileURLToPath(new URL('../..', import.meta.url));
    const { status, stdout } = bench([...ONE_CASE, '--before', checkout]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^pingpong-unix-64 +before +[\d.]+ +[\d.]+–[\d.]+ +3 *$/m);
    mkdirSync(join(folder, 'bench', 'peers'), { recursive: true });
    expect(bench([...ONE_CASE, '--before', folder]).stdout).not.toContain('before');
  });

  test('a peer that crashes ends the run, and its own words are shown', () => {
    const { status, stdout, stderr } = bench(ONE_CASE, { BSD_SOCKETS_ADDON: join(folder, 'no-addon.node') });
    expect(stderr).toMatch(/^pingpong-unix-64, ours ended with exit code 1\n[\s\S]+Node\.js v/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});

test.skipIf(noCompiler)(`a case that measures more than time has rows for each figure${noCompiler}`, () => {
  const json = join(folder, 'figures.json');
  const { status, stdout } = bench(['--case', 'accept-rate', '--rounds', '1', '--json', json]);
  expect(status).toBe(0);
  const rows: Record<string, unknown>[] = JSON.parse(readFileSync(json, 'utf8'));
  expect(rows.map((row) => [row.case, row.peer])).toEqual([
    ['accept-rate', 'c'],
    ['accept-rate', 'node-net'],
    ['accept-rate-cpu', 'c'],
    ['accept-rate-cpu', 'node-net'],
  ]);
  expect(stdout).toMatch(/^accept-rate-cpu +node-net +[\d.]+ +[\d.]+–[\d.]+ +1 +0\.75 (not )?met$/m);
});

test('peers that cannot run are left out, each with its reason, and their targets are not met', () => {
  const json = join(folder, 'nothing.json');
  const { status, stderr } = bench([...ONE_CASE, '--check', '--json', json], { PATH: folder });
  expect(stderr.split('\n')).toEqual([
    'pingpong-unix-64: c is left out: no C compiler: cc: ENOENT',
    'pingpong-unix-64: cpython is left out: python3: ENOENT',
    'pingpong-unix-64: nothing to compare',
    'target of pingpong-unix-64, c: not measured',
    'target of pingpong-unix-64, cpython: not measured',
    '',
  ]);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual([]);
  expect(status).toBe(1);
});

test('the list names every case and measures nothing', () => {
  const { status, stdout, stderr } = bench(['--list']);
  expect(stdout).toMatch(/^pingpong-unix-64: One thread sends 64 bytes .*\.$/m);
  expect(stdout).toMatch(/^tcp-echo-blocking: .*\.$/m);
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.each([
  [['--bogus'], /'--bogus'/],
  [['stray'], /'stray'/],
  [['--case', 'nothing'], /no case is named 'nothing'; there are .*, pingpong-unix-64, /],
  [['--rounds', '0'], /--rounds: expected a whole number from 1 to \d+, got '0'/],
  [['--rounds', 'many'], /--rounds: expected a whole number from 1 to \d+, got 'many'/],
  [['--before', tmpdir()], /--before: '.*' is no checkout of this project: it has no bench\/peers/],
  [['--json', join(folder, 'no', 'rows.json')], /rows\.json' cannot be written: ENOENT/],
])('the options %j are refused with a message', (args, message) => {
  const { status, stdout, stderr } = bench(args);
  expect(stderr).toMatch(message);
  expect(stderr).toContain('usage: node bench/run.mjs');
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
