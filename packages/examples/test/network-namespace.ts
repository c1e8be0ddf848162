import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

// A user that is not root is root in a user namespace.
const isRoot = process.getuid!() === 0;
const unshare = isRoot ? ['unshare', '--net'] : ['unshare', '--net', '--map-root-user'];
const flags = isRoot ? ['--net'] : ['--net', '--user', '--preserve-credentials'];

/** What is missing for a test where a namespace is not to be had. */
export const MISSING = 'a network namespace: be root, or allow user namespaces, and apt-get install iproute2';

/** Whether this host gives a test a network namespace, and lets it run these commands of the shell there. */
export function hasNamespace(setup: string): boolean {
  const [command, ...rest] = [...unshare, 'sh', '-ec', setup];
  return spawnSync(command!, rest).status === 0;
}

/** A network of a test's own. What is changed in it is changed nowhere else. */
export class NetworkNamespace {
  private constructor(private readonly holder: ChildProcess) {}

  /** A namespace in which these commands of the shell have run, until the test ends. */
  static async create(setup: string): Promise<NetworkNamespace> {
    const [command, ...rest] = [...unshare, 'sh', '-ec', `${setup}; echo ready; exec cat`];
    // It reads its input to the end, which comes with the end of this process at the latest.
    const holder = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    onTestFinished(async () => {
      holder.stdin.end();
      if (holder.exitCode === null) await once(holder, 'close');
    });
    const failed = text(holder.stderr).then((reason) => {
      throw new Error(reason);
    });
    failed.catch(() => {});
    await Promise.race([once(holder.stdout, 'data'), failed]);
    return new NetworkNamespace(holder);
  }

  /** The process that holds it, by which `ip` moves an interface into it. */
  get pid(): number {
    return this.holder.pid!;
  }

  /** Runs commands of the shell in the namespace. */
  run(script: string): void {
    const [command, ...rest] = this.command(['sh', '-ec', script]);
    execFileSync(command!, rest);
  }

  /** The command, run in the namespace. */
  command(command: string[]): string[] {
    return ['nsenter', '--target', `${this.holder.pid}`, ...flags, '--', ...command];
  }
}
