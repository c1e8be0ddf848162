import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';

const FOLDER = '/proc/self/fd';

function targetOf(fd: string): string | undefined {
  try {
    return readlinkSync(`${FOLDER}/${fd}`);
  } catch {
    // The descriptor that read the folder is gone by now.
    return undefined;
  }
}

/** Whether a test can have opened it. Other files are read, at any time, by the threads of Node. */
function isOurs(target: string | undefined): boolean {
  return target !== undefined && (!target.startsWith('/') || target.startsWith(`${tmpdir()}/`));
}

/** The descriptors of this process and what each of them is, such as `17 socket:[4711]`. Windows has no list of them. */
export function openDescriptors(): string[] {
  if (process.platform === 'win32') return [];
  return readdirSync(FOLDER)
    .sort((a, b) => Number(a) - Number(b))
    .map((fd) => ({ fd, target: targetOf(fd) }))
    .filter(({ target }) => isOurs(target))
    .map(({ fd, target }) => `${fd} ${target}`);
}

/** What `call` throws. Fails if it throws nothing, or if it leaves a descriptor more or less than before. */
export function refusal(call: () => unknown): any {
  const before = openDescriptors();
  const result = outcomeOf(call);
  const after = openDescriptors();
  if (after.join() !== before.join())
    throw new Error(`descriptors were\n${before.join('\n')}\nand are\n${after.join('\n')}`);
  if (!('thrown' in result)) throw new Error('nothing was thrown');
  return result.thrown;
}

function outcomeOf(call: () => unknown): { thrown: unknown } | { returned: unknown } {
  try {
    return { returned: call() };
  } catch (error) {
    return { thrown: error };
  }
}
