import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as resolver from '@bsd-sockets/resolver';
import { expect } from 'vitest';

/** A function by its name in Python, and its arguments: `['inet_ntoa', Buffer.of(1, 2, 3, 4)]`. */
export type Call = [name: string, ...args: unknown[]];

type Answer = { value: unknown } | { error: string; errno: number | null };

const script = fileURLToPath(new URL('cpython.py', import.meta.url));

function encode(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return { bytes: Buffer.from(value as Uint8Array).toString('hex') };
  return Array.isArray(value) ? value.map(encode) : value;
}

/** What CPython answers to all the calls, from one process. */
function askPython(calls: readonly Call[]): Answer[] {
  const input = calls.map(([name, ...args]) => JSON.stringify([name, encode(args)])).join('\n');
  const { stdout, stderr, status } = spawnSync('python3', [script], { input, maxBuffer: 2 ** 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Python's name for the class of an error of ours. */
function errorClass(error: unknown): string {
  if (error instanceof resolver.GaiError) return 'gaierror';
  if (error instanceof resolver.HError) return 'herror';
  const { code, name } = error as { code?: string; name: string };
  if (error instanceof RangeError) return code === 'ERR_OUT_OF_RANGE' ? 'OverflowError' : 'ValueError';
  return name;
}

function ask([name, ...args]: Call): Answer {
  const camelCase = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  const call = (resolver as unknown as Record<string, (...args: unknown[]) => unknown>)[camelCase]!;
  try {
    return { value: encode(call(...args)) };
  } catch (error) {
    return { error: errorClass(error), errno: (error as { errno?: number }).errno ?? null };
  }
}

/** Expects the same values, classes of errors and, where Python has one, errno of every call here and in CPython. */
export function expectAsInPython(calls: readonly Call[]): void {
  const theirs = askPython(calls);
  const differences = calls.flatMap((call, index) => {
    const python = theirs[index] as Answer;
    const ours = ask(call);
    // Many an OSError of Python's has no errno.
    if ('error' in ours && 'error' in python && python.errno === null) ours.errno = null;
    return JSON.stringify(ours) === JSON.stringify(python) ? [] : [{ call, ours, python }];
  });
  expect(theirs).toHaveLength(calls.length);
  expect(differences).toEqual([]);
}
