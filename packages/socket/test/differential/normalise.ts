import type { Result, Step } from './script';

const isRecord = (value: Result): value is { [key: string]: Result } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The ports that Linux gives to a socket that asks for any. */
const isEphemeral = (port: Result | undefined): port is number =>
  typeof port === 'number' && port >= 32768 && port <= 60999;

/** Numbers each new value of a kind in the order in which it comes: what two processes have in common. */
class Counter {
  private readonly seen = new Map<unknown, string>();

  constructor(private readonly kind: string) {}

  of(value: unknown): string {
    if (!this.seen.has(value)) this.seen.set(value, `${this.kind} ${this.seen.size + 1}`);
    return this.seen.get(value)!;
  }
}

/**
 * The results of a script without what may differ between two processes: descriptors, ports and names that the kernel
 * chose, and the mark in abstract names.
 */
export function normalise(steps: readonly Step[], results: readonly Result[], mark: string): Result[] {
  const descriptors = new Counter('descriptor');
  const ports = new Counter('port');
  const names = new Counter('name');
  const ownMark = Buffer.from(mark).toString('hex');

  function walk(value: Result): Result {
    if (Array.isArray(value)) {
      const [host, port, ...rest] = value;
      // The descriptors of a control message, SCM_RIGHTS of SOL_SOCKET.
      if (host === 1 && port === 1 && isRecord(rest[0] ?? null)) {
        return [host, port, { length: (rest[0] as { bytes: string }).bytes.length }];
      }
      // An address of inet or inet6.
      if (typeof host === 'string' && /[.:]/.test(host) && isEphemeral(port)) return [host, ports.of(port), ...rest];
      return value.map(walk);
    }
    if (!isRecord(value)) return value;
    if (typeof value.bytes === 'string' && value.bytes.startsWith('00')) {
      if (value.bytes.startsWith(`00${ownMark}`)) return { abstract: value.bytes.slice(ownMark.length + 2) };
      // A NUL and five hexadecimal digits: what bind('') gives to a unix socket.
      if (/^00(3[0-9]|6[1-6]){5}$/.test(value.bytes)) return { abstract: names.of(value.bytes) };
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
  }

  return results.map((result, index) => {
    const isDescriptor = ['fileno', 'detach'].includes(steps[index]!.call) && typeof result === 'number' && result >= 0;
    return isDescriptor ? descriptors.of(result) : walk(result);
  });
}
