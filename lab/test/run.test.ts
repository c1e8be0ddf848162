import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';

// test:lab has a kernel, and names it.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const lacksKernel = process.env.BSD_SOCKETS_LAB_KERNEL ? '' : ' (needs the kernel of the lab: pnpm test:lab)';
const script = (name: string) => join(import.meta.dirname, '..', name);

function lab(command: string, env: NodeJS.ProcessEnv = {}) {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(script('run.sh'), [command], options);
  return { status, stdout, stderr };
}

/** The processes of guests that were started with this folder for temporary files. */
function guests(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`lab=${folder}`);
    } catch {
      return false; // no process, or one that has ended
    }
  });
}

describe.skipIf(lacksKernel)(`a command in the lab${lacksKernel}`, { timeout: 120_000 }, () => {
  test('has its exit code and both its outputs passed through', () => {
    expect(lab('echo out; echo err >&2; exit 7')).toEqual({ status: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  test('may print more than its reader takes at once, and leave a process behind', () => {
    // The sleep holds back what comes through the pipe.
    const command = `{ ${script('run.sh')} 'sleep 1000 & seq 200000'; } | { sleep 5; cat; }`;
    const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8', maxBuffer: 2 ** 24 });
    expect(stdout.length).toBe(1288895);
    expect(stdout.endsWith('\n199999\n200000\n')).toBe(true);
  });

  test('runs in the same folder and environment, as root, in another kernel', () => {
    const { stdout } = lab('pwd; echo "$NAME"; id -u; uname -n', { NAME: 'a "b"\n$c' });
    expect(stdout).toBe(`${process.cwd()}\na "b"\n$c\n0\nlab\n`);
  });

  test('starts programs from a Node that may use io_uring, as those from 22 on do', () => {
    const program = `const { spawn } = require('node:child_process');
      const start = (left) => (left ? spawn('true').on('exit', () => start(left - 1)) : console.log('done'));
      start(20);`;
    expect(lab(`node -e "${program}"`, { UV_USE_IO_URING: '1' })).toMatchObject({ status: 0, stdout: 'done\n' });
  });

  test('leaves no file behind, and has no network but its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
    try {
      const { stdout } = lab(`echo x >${folder}/x && cat ${folder}/x; ip -br link | cut -d ' ' -f 1`);
      expect(stdout).toMatch(/^x\nlo\n/);
      expect(stdout).not.toMatch(/^eth/m);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('runs beside others', async () => {
    const codes = [1, 2, 3, 4].map(async (code) => {
      const [status] = await once(spawn(script('run.sh'), [`exit ${code}`]), 'close');
      return status;
    });
    expect(await Promise.all(codes)).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ['its time is over', { LAB_TIMEOUT: '5' }, undefined, 124],
    ['a signal comes', {}, 'SIGTERM', 143],
  ] as const)('ends with all its processes when %s', async (_, env, signal, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
    try {
      const options = { env: { ...process.env, TMPDIR: folder, ...env } };
      const child = spawn(script('run.sh'), ['sleep 1000 & echo ready; sleep 1000'], options);
      const output = text(child.stdout);
      const closed = once(child, 'close');
      await once(child.stdout, 'readable');
      expect(guests(folder).length).toBeGreaterThan(0);
      if (signal) child.kill(signal);
      expect((await closed)[0]).toBe(code);
      expect(await output).toBe('ready\n');
      await expect.poll(() => guests(folder), { timeout: 10_000 }).toEqual([]);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('a kernel that is none is named', () => {
  const { status, stderr } = lab('true', { BSD_SOCKETS_LAB_KERNEL: '/no/such/kernel' });
  expect(stderr).toContain('BSD_SOCKETS_LAB_KERNEL is no program: /no/such/kernel');
  expect(status).toBe(125);
});
