import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function need(what: string, ...unshare: string[]): string {
  return spawnSync('unshare', unshare).status === 0 ? '' : `: needs ${what}`;
}

/** What the title of a test says where it may not have a namespace of its own. */
export const noMounts = need('mount namespaces', '-r', '-m', 'mount', '--bind', '/etc/hosts', '/etc/hosts');
export const noHostname = need('UTS namespaces', '-r', '--uts', 'true');
export const noInterfaces = need('network namespaces or ip(8)', '-r', '-n', 'ip', 'link');

/**
 * Runs a program in namespaces of its own: what it changes there, no other process sees.
 *
 * @param options - Of unshare(1).
 * @param program - An expression over `r`, the resolver, or a promise of its value; `answer(call)` is a call's value, or
 *   its error's class and code.
 * @param files - The contents that files such as `/etc/hosts` have for it.
 * @param prepare - A shell command to run first.
 * @returns Its value, through JSON.
 */
export function runApart(options: string[], program: string, files: Record<string, string> = {}, prepare = ':'): any {
  const folder = mkdtempSync(join(tmpdir(), 'resolver-'));
  try {
    const mounts = Object.entries(files).map(([path, content], index) => {
      writeFileSync(join(folder, `${index}`), content);
      return `mount --bind ${folder}/${index} ${path}`;
    });
    const code = `
      const r = require('@bsd-sockets/resolver');
      const answer = (call) => {
        try { return call() } catch ({ name, code }) { return { name, code } }
      };
      (async () => console.log(JSON.stringify(await (${program}))))();`;
    const steps = [prepare, ...mounts, 'exec "$@"'].join(' && ');
    const output = execFileSync('unshare', [...options, 'sh', '-c', steps, 'sh', process.execPath, '--eval', code], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    return JSON.parse(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
