import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A PATH with Node, npm and a shell, and nothing to build with. */
export function barePath(folder) {
  mkdirSync(folder, { recursive: true });
  const node = dirname(process.execPath);
  const programs = { node: process.execPath, npm: realpathSync(join(node, 'npm')), sh: '/bin/sh' };
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(folder, name));
  return folder;
}
