import { readdirSync, readlinkSync } from 'node:fs';

const FOLDER = '/proc/self/fd';

/** The open descriptors of this process and what each of them is, such as `17 socket:[4711]`; none without /proc. */
export function openDescriptors(): Set<string> {
  const found = new Set<string>();
  for (const fd of list()) {
    try {
      found.add(`${fd} ${readlinkSync(`${FOLDER}/${fd}`)}`);
    } catch {
      // It was open for reading the folder alone.
    }
  }
  return found;
}

function list(): string[] {
  try {
    return readdirSync(FOLDER);
  } catch {
    return [];
  }
}
