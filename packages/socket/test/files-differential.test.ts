import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  AF_UNIX,
  type FileMode,
  type FileOptions,
  SHUT_WR,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  socketpair,
  UnsupportedOperation,
} from '@bsd-sockets/socket';
import { Socket as PromiseSocket } from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { randomNumbers } from '../../core-native/test/random-numbers';

const peer = fileURLToPath(new URL('files_peer.py', import.meta.url));

/** What is done with one file; the same text goes to CPython. */
interface Case {
  type: 'SOCK_STREAM' | 'SOCK_SEQPACKET';
  /** What the file can receive, in hexadecimal; each is one receive for SOCK_SEQPACKET. */
  packets: string[];
  mode: string;
  buffering: number | null;
  options: FileOptions;
  operations: [name: string, argument?: unknown][];
}

type Result = unknown;

function encoded(value: unknown): Result {
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') };
  return Array.isArray(value) ? value.map(encoded) : (value ?? null);
}

function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded);
  return typeof value === 'object' && value !== null ? Buffer.from((value as { bytes: string }).bytes, 'hex') : value;
}

/** Python's class of an error. Of a closed file both of the first two are true, and it is a matter of order which is said. */
function errorName(error: unknown, closed: boolean): string {
  if (error instanceof UnsupportedOperation) return closed ? 'ValueError' : 'UnsupportedOperation';
  const { code } = error as { code?: string };
  if (error instanceof RangeError && code === 'ERR_INVALID_ARG_VALUE') return 'ValueError';
  if (error instanceof TypeError && code === 'ERR_INVALID_ARG_TYPE') return 'TypeError';
  throw error;
}

async function outcome(call: () => unknown, file?: { closed: boolean }): Promise<Result> {
  try {
    return encoded(await call());
  } catch (error) {
    return { error: errorName(error, file?.closed ?? false) };
  }
}

async function operate(file: any, name: string, argument: unknown): Promise<unknown> {
  if (name === 'iterate') {
    const lines: unknown[] = [];
    for await (const line of file) lines.push(line);
    return lines;
  }
  if (name === 'readinto') {
    const memory = Buffer.alloc(argument as number);
    return [await file.readinto(memory), memory.toString('hex')];
  }
  // Without a buffer the files of promises have one name for both.
  if (name === 'readall' && file.readall === undefined) return file.read();
  return typeof file[name] === 'function' ? file[name](decoded(argument)) : file[name];
}

async function run(face: typeof Socket | typeof PromiseSocket, one: Case): Promise<Result[]> {
  const { type, packets, mode, buffering, options, operations } = one;
  const [socket, far] = socketpair(AF_UNIX, { SOCK_STREAM, SOCK_SEQPACKET }[type]);
  using near = (face as typeof Socket).from(socket);
  using _far = far;
  for (const packet of packets) far.send(Buffer.from(packet, 'hex'));
  far.shutdown(SHUT_WR);
  // Nothing has to wait here: a call that does should fail instead.
  near.settimeout(10);
  let file: any;
  const results = [
    await outcome(() => {
      file = near.makefile(mode as FileMode, buffering, options);
    }),
  ];
  for (const [name, argument] of file ? operations : []) {
    const result = await outcome(() => operate(file, name, argument), file);
    results.push(result);
    if (name !== 'write' && (result as { error?: string } | null)?.error === 'ValueError') break;
  }
  near.settimeout(0);
  far.settimeout(0);
  if (file) await outcome(() => file.close());
  near.shutdown(SHUT_WR);
  const sent: Buffer[] = [];
  for (let data = far.recv(65536); data.length > 0; data = far.recv(65536)) sent.push(data);
  return [...results, encoded(Buffer.concat(sent))];
}

class Generator {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = randomNumbers(seed);
  }

  below(limit: number): number {
    return Math.floor((this.random() / 2 ** 32) * limit);
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  /** Text with many ends of lines and characters of every length, and a lone surrogate now and then. */
  text(): string {
    const characters = ['a', 'bc', ' ', '\n', '\r', '\r\n', '\n', 'é', '€', '😀', '\ufeff', '\0'];
    const rare = ['\udc80', '\udcff', '\ud800', '\udc00'];
    return this.some(12, () => this.one(this.below(40) ? characters : rare)).join('');
  }

  /** A text in some encoding, some of its bytes spoilt, cut anywhere. */
  packets(): string[] {
    const text = this.some(3, () => this.text()).join('');
    const bytes = Buffer.from(text, this.one(['utf8', 'latin1', 'utf16le', 'utf8', 'utf16le'] as const));
    if (bytes.length > 0 && this.below(3) === 0) bytes[this.below(bytes.length)] = this.below(256);
    const packets: string[] = [];
    for (let rest = bytes; rest.length > 0; ) {
      const length = 1 + this.below(this.one([2, 4, 30]));
      packets.push(rest.subarray(0, length).toString('hex'));
      rest = rest.subarray(length);
    }
    return packets;
  }

  size(least = 0): number {
    return this.one([-1, least, 1, 1, 2, 3, 5, 8, 100]);
  }

  options(): FileOptions {
    return {
      encoding: this.one(['utf-8', 'utf-8', 'latin1', 'ascii', 'utf-16le']),
      errors: this.one(['strict', 'ignore', 'replace', 'surrogateescape']),
      newline: this.one([null, '', '\n', '\r', '\r\n']),
    };
  }

  read(names: readonly string[]): [string, unknown?] {
    const name = this.one(names);
    if (name === 'iterate' || name === 'readall') return [name];
    // CPython receives even for a line of no characters.
    return [name, name === 'readinto' ? this.below(20) : this.size(name === 'readline' ? 1 : 0)];
  }
}

const BUFFERED_READS = ['read', 'read', 'read1', 'readline', 'readline', 'readlines', 'readinto', 'iterate'];
const RAW_READS = ['read', 'readline', 'readlines', 'readinto', 'readall', 'iterate'];
const TEXT_READS = ['read', 'read', 'readline', 'readline', 'readline', 'readlines', 'iterate'];

const kinds: Record<string, [count: number, make: (generator: Generator) => Case]> = {
  'text files for reading': [
    1500,
    (generator) => ({
      type: 'SOCK_SEQPACKET',
      packets: generator.packets(),
      mode: 'r',
      buffering: null,
      options: generator.options(),
      operations: generator.some(8, () => generator.read(TEXT_READS)),
    }),
  ],
  'text files for writing': [
    500,
    (generator) => ({
      type: 'SOCK_STREAM',
      packets: [],
      mode: generator.one(['w', 'rw', 'wr']),
      buffering: generator.one([null, -1, 1, 2, 7, 100]),
      options: generator.options(),
      operations: generator.some(8, () => {
        if (generator.below(4) === 0) return ['flush'];
        return generator.below(4) === 0
          ? ['writelines', generator.some(3, () => generator.text())]
          : ['write', generator.text()];
      }),
    }),
  ],
  'binary files': [
    500,
    (generator) => {
      const mode = generator.one(['b', 'rb', 'rwb', 'wb', 'bwr']);
      const buffering = generator.one([null, 0, 1, 2, 5, 16, 100]);
      const reads = buffering === 0 ? RAW_READS : BUFFERED_READS;
      return {
        type: 'SOCK_STREAM',
        packets: generator.packets(),
        mode,
        buffering,
        options: {},
        operations: generator.some(8, () => {
          if (/w/.test(mode) && generator.below(2)) return ['write', encoded(Buffer.from(generator.text()))];
          return /r|^b$/.test(mode) ? generator.read(reads) : ['flush'];
        }),
      };
    },
  ],
  'files in every state': [
    500,
    (generator) => {
      const mode = generator.one(['', 'r', 'w', 'rw', 'b', 'rb', 'bw', 'rwb', 'rr', 'a', 'r+', 'U', 'rbx']);
      const binary = mode.includes('b');
      const data = binary ? { bytes: '6162' } : 'ab';
      const attributes = [['closed'], ['readable'], ['writable'], ['seekable'], ['flush'], ['close']] as const;
      // BufferedRWPair has a mode here.
      const modes = /r.*b|b.*r/.test(mode) && mode.includes('w') ? [] : ([['mode']] as const);
      const uses = [
        ['read', 1],
        ['read', -1],
        ['readline', -1],
        ['readlines', 2],
        ['write', data],
      ] as const;
      return {
        type: 'SOCK_STREAM',
        packets: ['610a620a'],
        mode,
        buffering: generator.one([null, null, 0, 20]),
        options: generator.one([
          {},
          {},
          { newline: 'x' as '\n' },
          { encoding: 'nowhere' },
          { newline: 1 as never },
          { encoding: 1 as never },
        ]),
        operations: generator.some(6, () => [...generator.one([...attributes, ...modes, ...uses])]),
      };
    },
  ],
};

function casesOf([count, make]: [count: number, make: (generator: Generator) => Case]): Case[] {
  const generator = new Generator(count);
  return Array.from({ length: count }, () => make(generator));
}

describe.skipIf(without('python3'))('files here and in CPython agree (python3)', () => {
  test.each(Object.entries(kinds))('%s', async (_, kind) => {
    const cases = casesOf(kind);
    const input = cases.map((one) => JSON.stringify(one)).join('\n');
    const { stdout, stderr } = spawnSync('python3', [peer], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
    expect(stderr).toBe('');
    const theirs = stdout.trim().split('\n');
    expect(theirs).toHaveLength(cases.length);
    for (const [index, one] of cases.entries()) {
      expect({ ...one, results: await run(Socket, one) }).toEqual({ ...one, results: JSON.parse(theirs[index]!) });
    }
  });
});

describe('files of both faces agree', () => {
  test.each(Object.entries(kinds))('%s', async (_, kind) => {
    for (const one of casesOf(kind)) {
      expect({ ...one, results: await run(PromiseSocket, one) }).toEqual({ ...one, results: await run(Socket, one) });
    }
  });
});
