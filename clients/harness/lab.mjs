// The kernel lab, for clients of families that the kernel of this machine may not have. Its guest sees the files of this machine, and
// so what npm has installed here.
import { fileURLToPath } from 'node:url';
import { run } from './programs.mjs';

const SCRIPT = fileURLToPath(new URL('../../lab/run.sh', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../programs/', import.meta.url));
/** Seconds that a guest may take. */
const TIMEOUT = 50;

/**
 * Runs a program of `clients/programs` in a guest.
 *
 * @param setup - The shell commands before it.
 * @param program - The name of its file.
 * @param args - Its arguments: paths without spaces.
 * @returns The lines of its standard output, and of what `setup` has started.
 * @throws Error with what it wrote to its standard error, if it fails; with what is missing, if this machine cannot run the lab.
 */
export async function runInLab(setup, program, ...args) {
  // The guest has one processor, for which V8's compiler in the background would wait.
  const node = [process.execPath, '--no-concurrent-recompilation', `${PROGRAMS}${program}`, ...args];
  const output = await run('bash', [SCRIPT, `${setup}\n${node.join(' ')}`], {
    env: { ...process.env, LAB_TIMEOUT: `${TIMEOUT}` },
  });
  return output.trimEnd().split('\n');
}
