// This project's side of the differential suite: runs scripts over @bsd-sockets/socket. It works like interpreter.py.
import { readdirSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { inspect } from 'node:util';
import * as socket from '@bsd-sockets/socket';
import type { Result, Step, Value } from './script';

const mark = process.argv.at(-1)!;

type Names = Map<string, unknown>;
type Operation = (...args: any[]) => unknown;

const { Socket } = socket;
const members = socket as unknown as Record<string, unknown>;

/** What is no function of the module and no method of a socket. */
const operations: Record<string, Operation> = {
  Socket: (...args) => new Socket(...args),
  buffer: (size: number) => Buffer.alloc(size),
  bytes: (buffer: Buffer) => Buffer.from(buffer),
  repr: (sock) => {
    const text = inspect(sock);
    return [text.includes('[closed]'), ...Array.from(text.matchAll(/(\w+)=/g), ([, name]) => name)];
  },
};

/** A step needs the result of one that failed. */
class Missing extends Error {}

class NoAttribute extends Error {}

function lookup(names: Names, path: string): unknown {
  const [name, ...indices] = path.split('.') as [string];
  if (!names.has(name)) throw new Missing();
  return indices.reduce<any>((value, index) => value[index], names.get(name));
}

/** How each tag of a value is read. */
const tags: Record<string, (value: string, names: Names) => unknown> = {
  abstract: (value) => Buffer.from(`\0${mark}${value}`),
  bytes: (value) => Buffer.from(value, 'hex'),
  constant: (value) => value.split('|').reduce((all, name) => all | (members[name] as number), 0),
  descriptors: (value, names) =>
    Buffer.from(Int32Array.from(value.split(' '), (name) => lookup(names, name) as number).buffer),
  number: Number,
  object: () => ({}),
  ref: (value, names) => lookup(names, value),
};

function read(value: Value, names: Names): unknown {
  if (Array.isArray(value)) return value.map((item) => read(item, names));
  if (typeof value !== 'object' || value === null) return value;
  const [[tag, content]] = Object.entries(value) as [[string, string]];
  return tags[tag]!(content, names);
}

function write(value: unknown): Result {
  if (value instanceof Socket) return { socket: [value.family, value.type, value.proto, value.gettimeout() ?? null] };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(write);
  return (value ?? null) as Result;
}

/** The names that Python has for our classes and codes. */
const pythonNames: Record<string, string> = {
  ERR_INVALID_ARG_TYPE: 'TypeError',
  ERR_INVALID_ARG_VALUE: 'ValueError',
  ERR_OUT_OF_RANGE: 'OverflowError',
  GaiError: 'gaierror',
  HError: 'herror',
};

function writeError(error: unknown): Result {
  if (error instanceof Missing) return { missing: true };
  if (error instanceof NoAttribute) return { error: 'AttributeError' };
  if (error instanceof socket.OSError) {
    const { name } = error.constructor;
    return { error: pythonNames[name] ?? name, errno: error.errno ?? null };
  }
  if (error instanceof AggregateError) return { errors: error.errors.map(writeError) };
  const { code } = error as { code?: string };
  const classOf: Record<string, new () => Error> = { TypeError, ValueError: RangeError, OverflowError: RangeError };
  const name = pythonNames[code ?? ''];
  if (name !== undefined && error instanceof classOf[name]!) return { error: name };
  return { error: (error as Error).constructor.name, message: (error as Error).message };
}

function runStep(step: Step, names: Names, kept: unknown[]): Result {
  try {
    const args = step.args.map((value) => read(value, names));
    if (step.options) {
      const entries = Object.entries(step.options).map(([name, value]) => [name, read(value, names)]);
      args.push(Object.fromEntries(entries));
    }
    const target: any = step.on === undefined ? socket : lookup(names, step.on);
    const member = operations[step.call] ?? target[step.call];
    if (member === undefined && !(step.call in target)) throw new NoAttribute();
    const result = typeof member === 'function' ? member.apply(target, args) : member;
    kept.push(result);
    if (step.as !== undefined) names.set(step.as, result);
    return write(result);
  } catch (error) {
    return writeError(error);
  }
}

function closeAll(value: unknown): void {
  if (Array.isArray(value)) value.forEach(closeAll);
  if (!(value instanceof Socket)) return;
  try {
    value.close();
  } catch {
    // A script may have closed the descriptor behind the object's back.
  }
}

/** The lines of standard input. It waits for them: what runs here would do so anyway. */
function* lines(): Generator<string> {
  const chunk = Buffer.alloc(1 << 16);
  let pending = Buffer.alloc(0);
  for (;;) {
    const size = readSync(0, chunk);
    if (size === 0) return;
    pending = Buffer.concat([pending, chunk.subarray(0, size)]);
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      yield pending.toString('utf8', 0, end);
      pending = pending.subarray(end + 1);
    }
  }
}

/** Writes a part of the bytes from an offset on, and returns how many. Standard output does not block in a worker's process. */
function writeSome(answer: Buffer, offset: number): number {
  for (;;) {
    try {
      return writeSync(1, answer, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

for (const line of lines()) {
  // Nothing is collected, and so closed, in the middle of a script.
  const names: Names = new Map();
  const kept: unknown[] = [];
  const steps = JSON.parse(line) as Step[];
  const answer = Buffer.from(`${JSON.stringify(steps.map((step) => runStep(step, names, kept)))}\n`);
  for (let written = 0; written < answer.length; ) written += writeSome(answer, written);
  closeAll(kept);
  socket.setdefaulttimeout(null);
  for (const entry of readdirSync('.', 'buffer')) unlinkSync(entry);
}
