import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
/** A peer that is not to be run on this machine ends so. */
const LEFT_OUT = 126;

function leaveOut(reason) {
  console.error(reason);
  process.exit(LEFT_OUT);
}

/** The folder of an npm package. */
function folderOf(name) {
  const paths = require.resolve.paths(name).map((path) => join(path, name));
  return paths.find((path) => existsSync(join(path, 'package.json'))) ?? leaveOut(`${name} is not installed`);
}

/** Node's own headers, where they lie beside it: node-gyp need not download them. */
function headers() {
  const folder = dirname(dirname(process.execPath));
  return existsSync(join(folder, 'include/node/node.h')) ? { npm_config_nodedir: folder } : {};
}

/** The exports of an npm package with an addon, which is built first where that was not done when it was installed. */
export function addon(name) {
  try {
    return require(name);
  } catch {
    const { status, stderr, error } = spawnSync('npm', ['exec', '-c', 'node-gyp rebuild'], {
      cwd: folderOf(name),
      encoding: 'utf8',
      env: { ...headers(), ...process.env },
    });
    if (error) leaveOut(`${name} cannot be built: npm: ${error.code}`);
    if (status !== 0) leaveOut(`${name} does not build: ${/error:? .*/i.exec(stderr)?.[0] ?? `exit code ${status}`}`);
  }
  try {
    return require(name);
  } catch (error) {
    return leaveOut(`${name} cannot be loaded: ${error.message.split('\n')[0]}`);
  }
}
