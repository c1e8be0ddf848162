import { setImmediate as turn } from 'node:timers/promises';
import {
  type Abortable,
  AbortError,
  type BinaryFile,
  BlockingIOError,
  SHUT_WR,
  SO_SNDBUF,
  SOL_SOCKET,
  type Socket,
  socketpair,
  type TextFile,
  TimeoutError,
} from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { randomNumbers } from '../../../core-native/test/random-numbers';
import { openDescriptors } from '../open-descriptors';
import { onWindows } from '../platform';

// BSD_SOCKETS_SEED=N repeats a run, as far as the kernel's own timing lets it.
const seed = Number(process.env.BSD_SOCKETS_SEED ?? Date.now() % 2 ** 31);

// They take long in Wine.
const ROUNDS = onWindows ? 10 : 60;

const next = randomNumbers(seed);
const random = (most: number) => next() % most;
const oneOf = <T>(...values: T[]): T => values[random(values.length)]!;

function text(length: number): string {
  const words = ['a', 'bc', 'é', '€', '😀', '\n', '\r\n', '\r', 'longer words, many of them,'];
  return Array.from({ length }, () => oneOf(...words)).join('');
}

/** Makes a call that may be aborted, or time out, at any time; undefined if it was. */
async function hurried<T>(socket: Socket<any>, call: (options?: Abortable) => Promise<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const way = random(8);
  socket.settimeout(way === 0 ? 0 : way === 1 ? 0.001 : null);
  const made = call({ signal: controller.signal });
  socket.settimeout(null);
  // What is never aborted must come by itself.
  if (way === 2) controller.abort();
  if (way === 3 || way === 4) {
    const turns = random(4);
    (async () => {
      for (let count = 0; count < turns; count++) await turn();
      controller.abort();
    })();
  }
  try {
    return await made;
  } catch (error) {
    if (!(error instanceof AbortError || error instanceof TimeoutError || error instanceof BlockingIOError))
      throw error;
    return undefined;
  }
}

async function write(socket: Socket<any>, file: TextFile, whole: string): Promise<void> {
  for (let rest = whole; rest !== ''; ) {
    const piece = rest.slice(0, 1 + random(oneOf(10, 300)));
    // A pair of surrogates stays together.
    const length = /[\ud800-\udbff]$/.test(piece) ? piece.length + 1 : piece.length;
    await hurried(socket, (options) => file.write(rest.slice(0, length), options));
    rest = rest.slice(length);
    if (random(5) === 0) await hurried(socket, (options) => file.flush(options));
    if (random(5) === 0) await turn();
  }
  await file.close();
  socket.shutdown(SHUT_WR);
}

/** All that one of the calls has read; empty at the end of the stream. */
async function readSome(file: TextFile | BinaryFile, options?: Abortable): Promise<string | Buffer> {
  const size = 1 + random(oneOf(3, 50, 500));
  const binary = 'readinto' in file;
  const join = (parts: (string | Buffer)[]) => (binary ? Buffer.concat(parts as Buffer[]) : parts.join(''));
  switch (random(binary ? 6 : 4)) {
    case 0:
      return file.read(size, options);
    case 1:
      return file.readline(oneOf(-1, size), options);
    case 2:
      return join(await file.readlines(size, options));
    case 3: {
      const { value } = await file[Symbol.asyncIterator](options).next();
      return value ?? join([]);
    }
    case 4:
      return (file as BinaryFile).read1(size, options);
    default: {
      const memory = Buffer.alloc(size);
      return memory.subarray(0, await (file as BinaryFile).readinto(memory, options));
    }
  }
}

test(`no interleaving loses or doubles anything (BSD_SOCKETS_SEED=${seed})`, async () => {
  const before = openDescriptors().length;
  for (let round = 0; round < ROUNDS; round++) {
    const [near, far] = socketpair();
    near.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
    const whole = text(3000);
    const newline = oneOf(null, '', '\n', '\r\n') as null;
    const mode = oneOf('r', 'rb') as 'r';
    const writing = write(near, near.makefile('w', oneOf(1, 10, 200, -1)), whole);
    const file: TextFile | BinaryFile = far.makefile(mode, { buffering: oneOf(null, 5, 100), newline });
    const parts: Buffer[] = [];
    for (;;) {
      const part = await hurried(far, (options) => readSome(file, options));
      if (part?.length === 0) break;
      if (part !== undefined) parts.push(Buffer.from(part as string));
      if (random(10) === 0) await turn();
    }
    await writing;
    const universal = newline === null && mode === 'r';
    expect(Buffer.concat(parts).toString()).toBe(universal ? whole.replace(/\r\n?/g, '\n') : whole);
    await file.close();
    near.close();
    far.close();
  }
  await expect.poll(() => openDescriptors().length).toBeLessThanOrEqual(before + 4);
}, 100_000);
