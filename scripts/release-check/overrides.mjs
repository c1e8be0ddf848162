// The line of docs/replacing-an-addon.md for each package manager, in a project whose dependency asks for the addon.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installer, starter } from './consumers.mjs';
import { root } from './packages.mjs';
import { run } from './processes.mjs';

const CLIENT = ['hot-shots', '17.1.1'];
const ADDON = 'unix-dgram';
const LINES = { npm: ['npm', 'json'], pnpm: ['pnpm', 'yaml'], yarn1: ['yarn', 'json'], yarn4: ['yarn', 'json'] };

/** What the page says to write. */
function lineOf(manager) {
  const [name, language] = LINES[manager];
  const page = readFileSync(join(root, 'docs/replacing-an-addon.md'), 'utf8');
  return new RegExp(`^With ${name}, in .*:\n\n\`\`\`${language}\n([\\s\\S]*?)\`\`\`$`, 'm').exec(page)[1];
}

/**
 * Installs a client of an addon as the page says.
 *
 * @param manager - One of `MANAGERS`.
 * @param folder - The folder for the project.
 * @param surroundings - As of `consume`.
 * @throws Error if the client gets anything but our package.
 */
export async function override(manager, folder, { env, bin }) {
  mkdirSync(folder, { recursive: true });
  const write = (file, text) => writeFileSync(join(folder, file), text);
  const line = lineOf(manager);
  const manifest = { name: 'overrides', version: '1.0.0', private: true };
  write('package.json', JSON.stringify({ ...manifest, ...(manager === 'pnpm' ? {} : JSON.parse(line)) }));
  if (manager === 'pnpm') write('pnpm-workspace.yaml', line);
  if (manager === 'yarn4') write('yarn.lock', '');
  const project = { cwd: folder, env };
  await run(...installer(manager, bin)([CLIENT.join('@')]), project);
  const look = `
    const { createRequire } = require('node:module');
    const require2 = createRequire(require.resolve('${CLIENT[0]}'));
    const { createSocket } = require2('${ADDON}');
    createSocket('unix_dgram').close();
    console.log(require2('${ADDON}/package.json').name);`;
  const name = (await run(...starter(manager, bin)('-e', look), project)).trim();
  if (name !== `@bsd-sockets/${ADDON}`) throw new Error(`${CLIENT[0]} gets ${name}`);
}
