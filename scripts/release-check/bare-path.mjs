import { existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A PATH with Node, npm and a shell, and nothing to build with. */
export function barePath(folder) {
  mkdirSync(folder, { recursive: true });
  // Not every Node has an npm beside it.
  const npm = process.env.PATH.split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .find(existsSync);
  const programs = { node: process.execPath, npm: realpathSync(npm), sh: '/bin/sh' };
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(folder, name));
  return folder;
}
