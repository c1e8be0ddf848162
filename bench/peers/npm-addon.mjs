import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
/** A peer that is not to be run on this machine ends so. */
const LEFT_OUT = 126;

/** Ends a peer that cannot be measured here. */
export function leaveOut(reason) {
  console.error(reason);
  process.exit(LEFT_OUT);
}

/** The folder of an npm package. */
function folderOf(name) {
  const paths = require.resolve.paths(name).map((path) => join(path, name));
  const folder = paths.find((path) => existsSync(join(path, 'package.json')));
  if (folder === undefined) throw new Error(`${name} is not installed`);
  return folder;
}

/** Node's own headers, where they lie beside it: node-gyp need not download them. */
function headers() {
  const folder = dirname(dirname(process.execPath));
  return existsSync(join(folder, 'include/node/node.h')) ? { npm_config_nodedir: folder } : {};
}

function build(name, folder) {
  const { status, stderr, error } = spawnSync('npm', ['exec', '-c', 'node-gyp rebuild'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...headers(), ...process.env },
  });
  if (error) throw new Error(`${name} cannot be built: npm: ${error.code}`);
  if (status !== 0)
    throw new Error(`${name} does not build: ${/error:? .*/i.exec(stderr)?.[0] ?? `exit code ${status}`}`);
}

/**
 * Whether this Node loads a package, tried in a process of its own: one that has refused what was built for another Node refuses what
 * is built in its place too.
 */
function loads(folder) {
  return spawnSync(process.execPath, ['-e', `require(${JSON.stringify(folder)}); process.exit()`]).status === 0;
}

/**
 * An npm package with an addon, which is built first where that was not done when it was installed.
 *
 * @returns Its `folder` and its `exports`.
 * @throws Error that says why there is none.
 */
export function builtAddon(name) {
  const folder = folderOf(name);
  if (!loads(folder)) build(name, folder);
  try {
    return { folder, exports: require(name) };
  } catch (error) {
    throw new Error(`${name} cannot be loaded: ${error.message.split('\n')[0]}`);
  }
}

/** The exports of such a package; a peer that has none is left out. */
export function addon(name) {
  try {
    return builtAddon(name).exports;
  } catch (error) {
    return leaveOut(error.message);
  }
}
