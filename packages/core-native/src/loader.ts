import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** Names the one file to load, for a build that lies elsewhere. */
const OVERRIDE = 'BSD_SOCKETS_ADDON';

/** The places where the addon may be, best first. `root` is this package's folder. */
function candidates(root: string): string[] {
  const override = process.env[OVERRIDE];
  if (override) return [resolve(override)];
  const folders = ['build/Release', 'build/Debug', `prebuilds/${process.platform}-${process.arch}`];
  return folders.map((folder) => join(root, folder, 'core_native.node'));
}

function attempt(path: string, load: (path: string) => unknown): { addon: unknown } | { reason: string } {
  if (!existsSync(path)) return { reason: 'no such file' };
  try {
    return { addon: load(path) };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

/** The file that was loaded. */
export let addonPath: string | undefined;

/**
 * Loads the addon from the first place that has one.
 *
 * @param root - This package's folder.
 * @returns The addon's exports.
 * @throws Error with code `ERR_BSD_SOCKETS_ADDON` that names every place it looked in, and why each one failed.
 */
export function loadAddon(root: string): unknown {
  const load = createRequire(join(root, 'package.json'));
  const failures: string[] = [];
  for (const path of candidates(root)) {
    const result = attempt(path, load);
    if ('addon' in result) {
      addonPath = path;
      return result.addon;
    }
    failures.push(`  ${path}: ${result.reason}`);
  }
  const message = [
    `@bsd-sockets/core-native found no addon for ${process.platform}-${process.arch} (Node ${process.version}). It looked in:`,
    ...failures,
    'In a checkout, `pnpm build` builds it (a C++ compiler and CMake are needed).',
    `${OVERRIDE}=FILE names another place.`,
  ].join('\n');
  throw Object.assign(new Error(message), { code: 'ERR_BSD_SOCKETS_ADDON' });
}
