import { spawnSync } from 'node:child_process';

/** What a Python program prints. */
export function python(program: string): string {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
