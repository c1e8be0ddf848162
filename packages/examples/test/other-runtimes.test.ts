import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const path = (place: string) => fileURLToPath(new URL(place, import.meta.url));
const program = path('other-runtimes.cjs');
const addonFor = (platform: string) => path(`../../core-native/prebuilds/${platform}/core_native.node`);

function programOf(name: string): string {
  const script = path('../../../scripts/runtimes.mjs');
  return spawnSync(process.execPath, [script, '--where', name], { encoding: 'utf8' }).stdout.trim();
}

/** The column of a runtime in the table of docs/runtimes.md: what there is, and `yes` or the code of the error. */
function promised(runtime: string): [string, string][] {
  // The other tables are about speed.
  const page = readFileSync(path('../../../docs/runtimes.md'), 'utf8').split('\n## ')[0]!;
  const [head, ...rows] = Array.from(page.matchAll(/^\| (.*) \|$/gm), ([, cells]) => cells!.split(' | '));
  const column = head!.indexOf(runtime);
  return rows.map((cells) => [cells[0]!, cells[column]!.replaceAll('`', '')]);
}

// No more than the page says.
const permissions = ['run', '--allow-env', '--allow-ffi', '--allow-read', '--allow-sys', '--no-prompt'];

describe.each([
  { name: 'Node', runtime: 'Node', executable: process.execPath },
  { name: 'Node 26', runtime: 'Node', executable: programOf('node-26') },
  { name: 'Bun', runtime: 'Bun', executable: programOf('bun') },
  { name: 'Bun on musl for x64', runtime: 'Bun', executable: programOf('bun-musl'), addon: addonFor('linux-x64-musl') },
  {
    name: 'Bun on musl for arm64',
    runtime: 'Bun',
    executable: programOf('bun-musl-arm64'),
    addon: addonFor('linux-arm64-musl'),
  },
  { name: 'Deno', runtime: 'Deno', executable: programOf('deno'), options: permissions },
  // An emulator takes its time.
])('$name', { timeout: 240_000 }, ({ name, runtime, executable, options = [], addon }) => {
  const missing = !existsSync(executable)
    ? '(node scripts/runtimes.mjs --install node-26 bun bun-musl bun-musl-arm64 deno)'
    : addon && !existsSync(addon)
      ? '(pnpm binaries)'
      : '';

  test.skipIf(missing)(`does what docs/runtimes.md says, and nothing ends the process ${missing}`, () => {
    const env = addon ? { ...process.env, BSD_SOCKETS_ADDON: addon } : process.env;
    const { stdout, stderr, status, signal } = spawnSync(executable, [...options, program], { encoding: 'utf8', env });
    const rows = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    expect([rows, status, signal], stderr).toEqual([promised(runtime), 0, null]);
  });

  test.skipIf(missing)(`sends and receives the same, whatever becomes of the memory ${missing}`, () => {
    const env = addon ? { ...process.env, BSD_SOCKETS_ADDON: addon } : process.env;
    const { stdout, stderr, status } = spawnSync(executable, [...options, path('known-memory.cjs')], {
      encoding: 'utf8',
      env,
    });
    expect([stdout, status], stderr).toEqual(['all as it was\n', 0]);
  });

  const noFfi = missing || (addon ? '(needs the addon of this machine)' : '');
  test.skipIf(noFfi)(`does so by its own FFI, or says why not ${noFfi}`, () => {
    const env = { ...process.env, BSD_SOCKETS_FFI: '1' };
    const { stdout, stderr, status } = spawnSync(executable, [...options, path('known-memory.cjs')], {
      encoding: 'utf8',
      env,
    });
    expect([stdout, status], stderr).toEqual(['all as it was\n', 0]);
    const has = name !== 'Node' || process.getBuiltinModule?.('node:ffi' as never) !== undefined;
    expect(stderr.includes('ERR_BSD_SOCKETS_FFI')).toBe(!has);
  });

  test.skipIf(missing)(`ends workers whose sockets have traffic, and leaves nothing of them ${missing}`, () => {
    const env = addon ? { ...process.env, BSD_SOCKETS_ADDON: addon } : process.env;
    // It looks at files of the system beside what the page says.
    const args = [...(runtime === 'Deno' ? ['run', '--allow-all'] : options), path('ending-workers.cjs'), '8'];
    const { stdout, stderr, status, signal } = spawnSync(executable, args, { encoding: 'utf8', env });
    expect([stdout, status, signal], stderr).toEqual(['[0,0]\n', 0, null]);
  });

  test.skipIf(missing)(`imports all without the addon, and says at the first use what is missing ${missing}`, () => {
    const code = `
      for (const name of ['socket', 'socket/promises', 'resolver', 'can']) require('@bsd-sockets/' + name);
      try { require('@bsd-sockets/socket').socketpair(); } catch (error) { console.log(error.code); }`;
    const evaluate = runtime === 'Deno' ? ['eval', '--ext=cjs', code] : ['-e', code];
    const { stdout, stderr, status } = spawnSync(executable, evaluate, {
      cwd: path('..'),
      encoding: 'utf8',
      env: { ...process.env, BSD_SOCKETS_ADDON: '/no/such/addon' },
    });
    expect([stdout, status], stderr).toEqual(['ERR_BSD_SOCKETS_ADDON\n', 0]);
  });
});
