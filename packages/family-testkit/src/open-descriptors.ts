import { readdirSync, readlinkSync } from 'node:fs';
import { SO_EXCLUSIVEADDRUSE } from '@bsd-sockets/socket';

const FOLDER = '/proc/self/fd';

/**
 * The open descriptors of this process and what each of them is, such as `17 socket:[4711]`; none without /proc, as on Windows. Those of
 * the event loop and of the readiness set are left out: they come with the first wait, and stay.
 */
export function openDescriptors(): Set<string> {
  const found = new Set<string>();
  for (const fd of list()) {
    try {
      const target = readlinkSync(`${FOLDER}/${fd}`);
      if (!target.startsWith('anon_inode:')) found.add(`${fd} ${target}`);
    } catch {
      // It was open only for reading the folder.
    }
  }
  return found;
}

function list(): string[] {
  // On Windows, whose option this is, Wine would show that of Linux.
  if (SO_EXCLUSIVEADDRUSE !== undefined) return [];
  try {
    return readdirSync(FOLDER);
  } catch {
    return [];
  }
}
