// What a new user does first, and how long that takes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { barePath } from './bare-path.mjs';
import { run } from './processes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The first program of a page, with what the page says that it prints. */
function firstProgram(page, pattern = /^/) {
  const text = readFileSync(join(root, page), 'utf8');
  const programs = [...text.matchAll(/^```js\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm)];
  const [, code, output] = programs.find(([, code]) => pattern.test(code));
  return { code, output };
}

function expectOutput(got, expected) {
  if (got !== expected) throw new Error(`the example printed\n${got}where its page has\n${expected}`);
}

/**
 * From `npm init -y` to the end of the README's first example, with an empty cache.
 *
 * @returns The seconds of each step, by its command.
 */
export async function timeToFirstEcho(folder, env) {
  mkdirSync(folder, { recursive: true });
  const project = { cwd: folder, env: { ...env, npm_config_cache: join(folder, '.npm') } };
  const { code, output } = firstProgram('README.md');
  const steps = {};
  const step = async (...command) => {
    const start = performance.now();
    const said = await run(command[0], command.slice(1), project);
    steps[command.join(' ')] = (performance.now() - start) / 1000;
    return said;
  };
  await step('npm', 'init', '-y');
  await step('npm', 'install', '@bsd-sockets/socket');
  writeFileSync(join(folder, 'hello.mjs'), code);
  expectOutput(await step('node', 'hello.mjs'), output);
  return steps;
}

/**
 * Installs `@bsd-sockets/vsock` with nothing to build it with, and runs the example of its README in the kernel lab.
 */
export async function vsockWithoutCompiler(folder, env) {
  const project = join(folder, 'project');
  mkdirSync(project, { recursive: true });
  const bare = { cwd: project, env: { ...env, PATH: barePath(join(folder, 'bin')) } };
  await run('npm', ['init', '-y'], bare);
  await run('npm', ['install', '@bsd-sockets/vsock'], bare);
  const { code, output } = firstProgram('packages/families/vsock/README.md', /AF_VSOCK/);
  writeFileSync(join(project, 'example.mjs'), code);
  const command = `modprobe vsock_loopback 2>/dev/null; cd '${project}' && node example.mjs`;
  expectOutput(await run(join(root, 'lab/run.sh'), [command], { cwd: root, env: process.env }), output);
}
