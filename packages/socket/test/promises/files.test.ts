import { setTimeout as pause } from 'node:timers/promises';
import { Socket as BlockingSocket } from '@bsd-sockets/socket';
import {
  type Abortable,
  AbortError,
  type BinaryFile,
  BlockingIOError,
  BrokenPipeError,
  type FileMode,
  SHUT_WR,
  SO_SNDBUF,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  Socket,
  socketpair,
  TimeoutError,
  UnsupportedOperation,
} from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { noSocket, onWindows, pair } from '../platform';
import { runProgram } from '../program';

interface Ends {
  near: Socket;
  far: BlockingSocket;
}

/** A socket, and its peer, which sends without a promise. */
function ends(type?: number): Ends & Disposable {
  const [one, peer] = pair(type);
  const near = Socket.from(one);
  return {
    near,
    far: peer,
    [Symbol.dispose]() {
      near.close();
      peer.close();
    },
  };
}

/** Whether a promise is still not settled after the loop has gone round. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise.catch(() => {}), pause(20, ends)])) === ends;
}

const closed = expect.objectContaining({ name: 'RangeError', message: 'the file is closed' });
const canceled = expect.objectContaining({
  code: 'ECANCELED',
  message: expect.stringContaining('the file was closed'),
});

describe('what arrives in parts', () => {
  test('is read when it is whole', async () => {
    const memory = Buffer.alloc(4);
    const calls: [call: (file: BinaryFile) => Promise<unknown>, result: unknown][] = [
      [(file) => file.read(6), Buffer.from('ab\ncde')],
      [(file) => file.readline(), Buffer.from('ab\n')],
      [(file) => file.readinto(memory), 4],
      [(file) => file.readlines(3), [Buffer.from('ab\n'), Buffer.from('cdef\n')]],
    ];
    for (const [call, result] of calls) {
      using both = ends();
      const { near, far } = both;
      const done = call(near.makefile('rb'));
      for (const part of ['a', 'b']) {
        far.send(Buffer.from(part));
        expect(await waits(done)).toBe(true);
      }
      far.send(Buffer.from('\ncdef\n'));
      expect(await done).toEqual(result);
    }
    expect(memory.toString()).toBe('ab\nc');
  });

  test('goes together, characters and ends of lines too', async () => {
    using both = ends(onWindows ? undefined : SOCK_SEQPACKET);
    const { near, far } = both;
    const file = near.makefile('r', { newline: '\r\n' });
    const lines: string[] = [];
    const reading = (async () => {
      for await (const line of file) lines.push(line);
    })();
    for (const byte of Buffer.from('é\r\n€\r\n😀\rx\n\r\nend')) {
      far.send(Buffer.of(byte));
      await pause(1);
    }
    far.shutdown(SHUT_WR);
    await reading;
    expect(lines).toEqual(['é\r\n', '€\r\n', '😀\rx\n\r\n', 'end']);
  });

  test('is served to the calls in their order', async () => {
    using both = ends();
    const { near, far } = both;
    const file = near.makefile('rwb');
    const all = Promise.all([file.readline(), file.read(2), file.readline(1), file.read()]);
    for (const part of ['on', 'e\ntwo', 'three']) {
      far.send(Buffer.from(part));
      await pause(5);
    }
    far.shutdown(SHUT_WR);
    expect((await all).map(String)).toEqual(['one\n', 'tw', 'o', 'three']);
  });

  test('comes whole if it is large, in both directions', async () => {
    const [one, other] = socketpair();
    await using _one = one;
    await using _other = other;
    const data = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
    for (const buffering of [0, 1000, 8192]) {
      const writer = one.makefile('wb', buffering);
      const reader = other.makefile('rb', buffering);
      const [count, received] = await Promise.all([
        writer.write(data).then((written) => writer.flush().then(() => written)),
        (async () => {
          const parts: Buffer[] = [];
          for (let length = 0; length < data.length; length += parts.at(-1)!.length) {
            parts.push(await reader.read(data.length - length));
          }
          return Buffer.concat(parts);
        })(),
      ]);
      expect(count).toBe(data.length);
      expect(received.equals(data)).toBe(true);
    }
  });

  test('a line of megabytes is read in good time', async () => {
    const [one, other] = socketpair();
    await using _one = one;
    await using _other = other;
    const started = performance.now();
    const line = `${'é'.repeat(3e6)}\r\n`;
    const sending = one.sendall(Buffer.from(`${line}end\r\n`));
    const file = other.makefile('r', { newline: '\r\n' });
    expect((await file.readline()) === line).toBe(true);
    expect(await file.readline()).toBe('end\r\n');
    await sending;
    // It would take minutes if each receive copied what there was before.
    expect(performance.now() - started).toBeLessThan(60_000);
  }, 60_000);
});

/** Reads that need more than 'ab' and 'c', and what they make of it with '\n' and the end. */
const reads: [
  name: string,
  mode: FileMode,
  read: (file: any, options?: Abortable) => Promise<unknown>,
  result: unknown,
][] = [
  ['read', 'r', (file, options) => file.read(-1, options), 'abc\nd'],
  ['read of a number', 'rb', (file, options) => file.read(4, options), Buffer.from('abc\n')],
  ['readline', 'r', (file, options) => file.readline(null, options), 'abc\n'],
  ['readlines', 'rb', (file, options) => file.readlines(null, options), [Buffer.from('abc\n'), Buffer.from('d')]],
  ['readlines with a hint', 'r', (file, options) => file.readlines(1, options), ['abc\n']],
  ['readinto', 'rb', (file, options) => file.readinto(Buffer.alloc(5), options), 5],
  [
    'the iteration',
    'r',
    (file, options) => file[Symbol.asyncIterator](options).next(),
    { done: false, value: 'abc\n' },
  ],
];

describe.each(reads)('%s', (_, mode, read, result) => {
  test.each(['a timeout', 'an abort', 'a timeout of 0'])('loses nothing by %s', async (what) => {
    using both = ends();
    const { near, far } = both;
    const file = near.makefile(mode);
    for (const part of ['ab', 'c']) {
      far.send(Buffer.from(part));
      if (what === 'an abort') {
        const controller = new AbortController();
        const call = read(file, { signal: controller.signal });
        expect(await waits(call)).toBe(true);
        controller.abort('why');
        await expect(call).rejects.toThrow(expect.objectContaining({ name: 'AbortError', cause: 'why' }));
        await expect(read(file, { signal: AbortSignal.abort() })).rejects.toThrow(AbortError);
      } else {
        near.settimeout(what === 'a timeout' ? 0.02 : 0);
        await expect(read(file)).rejects.toThrow(what === 'a timeout' ? TimeoutError : BlockingIOError);
      }
    }
    near.settimeout(null);
    const call = read(file);
    expect(await waits(call)).toBe(true);
    far.send(Buffer.from('\nd'));
    far.shutdown(SHUT_WR);
    expect(await call).toEqual(result);
  });

  test('is rejected when its file is closed, and leaves the socket alone', async () => {
    using both = ends();
    const { near, far } = both;
    const file = near.makefile(mode);
    const call = read(file);
    const behind = read(file);
    expect(await waits(call)).toBe(true);
    const ended = Promise.all([expect(call).rejects.toThrow(canceled), expect(behind).rejects.toThrow(canceled)]);
    await file.close();
    await ended;
    await expect(read(file)).rejects.toThrow(closed);
    far.send(Buffer.from('more'));
    expect(await near.recv(10)).toEqual(Buffer.from('more'));
  });

  test('is rejected when the socket and its last file are closed', async () => {
    using both = ends();
    const { near } = both;
    const file = near.makefile(mode);
    const call = read(file);
    near.close();
    expect(await waits(call)).toBe(true);
    const ended = expect(call).rejects.toThrow(expect.objectContaining({ code: 'ECANCELED' }));
    await file.close();
    await ended;
    expect(near.fileno()).toBe(-1);
  });

  test('fails as the socket fails', async () => {
    using both = ends();
    const { near } = both;
    const file = near.makefile(mode);
    near.detach();
    await expect(read(file)).rejects.toThrow(expect.objectContaining(noSocket));
  });
});

test('what an aborted call has received is enough for the next one', async () => {
  using both = ends();
  const { near, far } = both;
  const file = near.makefile('rb');
  const controller = new AbortController();
  const line = file.readline(-1, { signal: controller.signal });
  const bytes = file.read(2);
  far.send(Buffer.from('abc'));
  expect(await waits(bytes)).toBe(true);
  controller.abort();
  await expect(line).rejects.toThrow(AbortError);
  expect(await bytes).toEqual(Buffer.from('ab'));
  expect(await file.read1()).toEqual(Buffer.from('c'));
});

test('the timeout is for each wait', async () => {
  using both = ends();
  const { near, far } = both;
  near.settimeout(3);
  const reading = near.makefile('r').read();
  for (let part = 0; part < 8; part++) {
    await pause(500);
    far.send(Buffer.from(`${part}`));
  }
  far.shutdown(SHUT_WR);
  expect(await reading).toBe('01234567');
});

test('without a buffer nothing is taken that is not asked for', async () => {
  using both = ends();
  const { near, far } = both;
  const file = near.makefile('rwb', 0);
  far.send(Buffer.from('one\ntwo\nthree'));
  expect(await file.readline()).toEqual(Buffer.from('one\n'));
  expect(await near.recv(2)).toEqual(Buffer.from('tw'));
  expect(await file.read(4)).toEqual(Buffer.from('o\nth'));
  // One receive brings less.
  expect(await file.read(100)).toEqual(Buffer.from('ree'));
  await file.write(Buffer.from('sent'));
  expect(far.recv(10)).toEqual(Buffer.from('sent'));
});

/** A file whose socket takes no more, and what the peer has received when the file is drained. */
function full(buffering: number): Ends & { data: Buffer } {
  const { near, far } = ends();
  near.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
  const data = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
  expect(buffering).toBeLessThan(data.length);
  return { near, far, data };
}

async function drain(far: BlockingSocket, length: number): Promise<Buffer> {
  const reader = Socket.from(far);
  await using _reader = reader;
  return await reader.makefile('rb').read(length);
}

// Over TCP a socket's own buffer is not all that takes.
describe.skipIf(without('AF_UNIX')).each([0, 100, 8192])(
  'a write that does not fit (AF_UNIX), with a buffer of %i,',
  (buffering) => {
    test.each(['a timeout', 'an abort', 'a timeout of 0'])('is in the buffer after %s', async (what) => {
      const { near, far, data } = full(buffering);
      await using _near = near;
      const file = near.makefile('wb', buffering);
      await using _file = file;
      const controller = new AbortController();
      if (what !== 'an abort') near.settimeout(what === 'a timeout' ? 0.05 : 0);
      const call = file.write(data, { signal: controller.signal });
      if (what === 'an abort') {
        expect(await waits(call)).toBe(true);
        controller.abort();
      }
      await expect(call).rejects.toThrow(
        { 'a timeout': TimeoutError, 'an abort': AbortError, 'a timeout of 0': BlockingIOError }[what],
      );
      near.settimeout(null);
      const flushed = file.flush();
      expect((await drain(far, data.length)).equals(data)).toBe(true);
      await flushed;
    });

    test('can be followed by others, and their order is kept', async () => {
      const { near, far, data } = full(buffering);
      await using _near = near;
      const file = near.makefile('wb', buffering);
      const calls = [file.write(data), file.write(Buffer.from('a')), file.write(data), file.close()];
      const all = Buffer.concat([data, Buffer.from('a'), data]);
      expect((await drain(far, all.length)).equals(all)).toBe(true);
      expect(await Promise.all(calls)).toEqual([data.length, 1, data.length, undefined]);
    });

    test('is given up when its file is closed in a hurry', async () => {
      const { near, far, data } = full(buffering);
      using _far = far;
      const file = near.makefile('wb', buffering);
      const call = expect(file.write(data)).rejects.toThrow(canceled);
      near.close();
      await expect(file.close({ signal: AbortSignal.timeout(20) })).rejects.toThrow(AbortError);
      await call;
      expect(near.fileno()).toBe(-1);
      await expect(file.write(data)).rejects.toThrow(closed);
    });
  },
);

test('data that are written may change at once', async () => {
  using both = ends();
  const { near, far } = both;
  const file = near.makefile('wb');
  const data = Buffer.from('before');
  const written = file.write(data);
  data.fill('x');
  await written;
  await file.close();
  expect(far.recv(10)).toEqual(Buffer.from('before'));
});

test('text is sent line by line if it is buffered so', async () => {
  using both = ends();
  const { near, far } = both;
  const file = near.makefile('w', 1, { newline: '\r\n' });
  far.settimeout(0);
  await file.write('half ');
  expect(() => far.recv(10)).toThrow('EAGAIN');
  await file.write('a line\nand ');
  expect(far.recv(100).toString()).toBe('half a line\r\nand ');
});

describe('the descriptor', () => {
  test('stays open until the socket and all its files are closed', async () => {
    using both = ends();
    const { near, far } = both;
    const reader = near.makefile();
    const writer = near.makefile('w');
    near.close();
    expect(near.fileno()).toBe(reader.fileno());
    await writer.write('still here\n');
    await writer.close();
    await writer.close();
    expect(far.recv(100).toString()).toBe('still here\n');
    far.sendall(Buffer.from('so am I'));
    far.close();
    expect(await reader.read()).toBe('so am I');
    await reader.close();
    expect([near.fileno(), reader.name, reader.closed]).toEqual([-1, -1, true]);
  });

  test.skipIf(without('AF_UNIX'))('is let go by a close that cannot send (AF_UNIX)', async () => {
    using both = ends();
    const { near, far } = both;
    const file = near.makefile('w');
    await file.write('lost');
    far.close();
    near.close();
    await expect(file.close()).rejects.toThrow(BrokenPipeError);
    expect([file.closed, near.fileno()]).toEqual([true, -1]);
  });

  test('is closed at the end of the scopes, when all is sent', async () => {
    using both = ends();
    const { near, far } = both;
    {
      await using _near = near;
      await using file = near.makefile('w');
      await file.writelines(['a\n', 'b\n']);
    }
    expect([near.fileno(), far.recv(10).toString(), far.recv(10).length]).toEqual([-1, 'a\nb\n', 0]);
  });

  test('is let go by a file that is collected', async () => {
    using both = ends();
    const { near } = both;
    const names = Array.from({ length: 10 }, () => near.makefile('rw').name);
    expect(new Set(names)).toEqual(new Set([near.fileno()]));
    near.close();
    await expect
      .poll(
        () => {
          globalThis.gc!();
          return near.fileno();
        },
        { timeout: 20_000 },
      )
      .toBe(-1);
  });

  test('does not keep the process alive', async () => {
    const body = `
      const { socketpair } = sockets.promises;
      const [near, far] = socketpair();
      const files = [near.makefile('r'), far.makefile('w')];
      files[1].write('waits in the buffer').then(() => say('written'));
    `;
    const { said, code, stderr } = await runProgram(body);
    expect({ said, code, stderr }).toEqual({ said: ['written'], code: 0, stderr: '' });
  });

  test('cannot go to the other face while files are open', async () => {
    using both = ends();
    const { near } = both;
    const file = near.makefile();
    expect(() => BlockingSocket.from(near)).toThrow('EBUSY');
    await file.close();
    using blocking = BlockingSocket.from(near);
    expect(blocking.fileno()).toBeGreaterThan(0);
  });
});

test('a file that is open for one thing refuses the other', async () => {
  using both = ends();
  const { near } = both;
  for (const mode of ['w', 'wb'] as const) {
    const file = near.makefile(mode);
    await expect(file.read()).rejects.toThrow(UnsupportedOperation);
    await expect(file.readline()).rejects.toThrow(UnsupportedOperation);
    expect([file.readable(), file.writable()]).toEqual([false, true]);
  }
  await expect(near.makefile('r').write('a')).rejects.toThrow(UnsupportedOperation);
  await expect(near.makefile('rb').write(Buffer.of(1))).rejects.toThrow(UnsupportedOperation);
});

test('a bad argument rejects, and takes nothing', async () => {
  using both = ends();
  const { near, far } = both;
  far.send(Buffer.from('a\n'));
  const text: any = near.makefile('rw');
  const binary: any = near.makefile('rwb');
  const type = 'ERR_INVALID_ARG_TYPE';
  const bad: [call: Promise<unknown>, name: string, code: string][] = [
    [text.read('1'), 'size', type],
    [text.readline(1.5), 'size', 'ERR_OUT_OF_RANGE'],
    [text.readlines('1'), 'size', type],
    [text.read(1, { signal: 1 }), 'signal', type],
    [text.write(Buffer.of(1)), 'text', type],
    [text.write('\ud800'), 'text', 'ERR_INVALID_ARG_VALUE'],
    [binary.read(-2), 'size', 'ERR_INVALID_ARG_VALUE'],
    [binary.readinto('x'), 'buffer', type],
    [binary.write('x'), 'data', type],
    [text.flush(5), 'options', type],
  ];
  for (const [call, name, code] of bad) {
    await expect(call).rejects.toThrow(expect.objectContaining({ code, message: expect.stringContaining(name) }));
  }
  expect(() => near.makefile('x' as 'r')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  expect(await text.readline()).toBe('a\n');
});
