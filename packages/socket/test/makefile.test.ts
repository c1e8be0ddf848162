import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  BlockingIOError,
  type FileMode,
  OSError,
  SHUT_WR,
  SO_SNDBUF,
  SOL_SOCKET,
  type Socket,
  SocketIO,
  socketpair,
  TimeoutError,
  UnsupportedOperation,
} from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { openDescriptors } from './open-descriptors';
import { errorOf, LOCAL, noSocket, onWindows } from './platform';

/** What a file of a socket reads, to the end. */
function receiving(data: string | Buffer): Socket<any> {
  const [near, far] = socketpair();
  far.sendall(Buffer.from(data));
  far.close();
  return near;
}

const invalid = (name: string, code: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(name) });

describe('the mode and the buffer', () => {
  test('decide on the class', () => {
    const classes: [FileMode, string][] = [
      ['', 'TextIOWrapper'],
      ['r', 'TextIOWrapper'],
      ['wr', 'TextIOWrapper'],
      ['b', 'BufferedReader'],
      ['br', 'BufferedReader'],
      ['wb', 'BufferedWriter'],
      ['bwr', 'BufferedRWPair'],
    ];
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    expect(classes.map(([mode]) => [mode, near.makefile(mode).constructor.name])).toEqual(classes);
    for (const mode of ['rb', 'wb', 'rwb'] as const) {
      using file = near.makefile(mode, 0);
      expect(file).toBeInstanceOf(SocketIO);
      expect([file.mode, file.readable(), file.writable(), file.seekable()]).toEqual([
        mode,
        mode !== 'wb',
        mode !== 'rb',
        false,
      ]);
    }
  });

  test('are given by position, or by name', () => {
    using near = receiving('é');
    using raw: SocketIO = near.makefile('rb', { buffering: 0 });
    expect(raw.read(1)).toEqual(Buffer.of(0xc3));
    using text = near.makefile(null, null, { encoding: 'latin1' });
    expect(text.read()).toBe('\xa9');
  });

  test('that cannot be are refused by name, and leave no file behind', () => {
    const [near, far] = socketpair();
    using _far = far;
    const make = (...args: unknown[]) => {
      return () => (near.makefile as (...args: unknown[]) => unknown).apply(near, args);
    };
    const value = 'ERR_INVALID_ARG_VALUE';
    const type = 'ERR_INVALID_ARG_TYPE';
    expect(make('a')).toThrow(invalid('mode', value));
    expect(make('r+')).toThrow(invalid('mode', value));
    expect(make(5)).toThrow(invalid('mode', type));
    expect(make('r', 0)).toThrow(invalid('buffering', value));
    expect(make('rb', 'big')).toThrow(invalid('buffering', type));
    expect(make('rb', 2 ** 31)).toThrow(invalid('buffering', 'ERR_OUT_OF_RANGE'));
    expect(make('r', { encoding: 'utf-7' })).toThrow(invalid('encoding', value));
    expect(make('r', { encoding: 8 })).toThrow(invalid('encoding', type));
    expect(make('r', { errors: 'loud' })).toThrow(invalid('errors', value));
    expect(make('r', { errors: 8 })).toThrow(invalid('errors', type));
    expect(make('r', { newline: '\n\n' })).toThrow(invalid('newline', value));
    expect(make('r', { newline: 8 })).toThrow(invalid('newline', type));
    expect(() => new SocketIO(near, 'br' as 'r')).toThrow(invalid('mode', value));
    near.close();
    expect(near.fileno()).toBe(-1);
  });
});

describe('reading', () => {
  test.each([0, 3, 8192])('bytes in every way, with a buffer of %i', (buffering) => {
    using near = receiving('one\ntwo\nthree\nfour\nfive and six\nseven');
    using file = near.makefile('rb', buffering);
    expect(file.readline()).toEqual(Buffer.from('one\n'));
    expect(file.readline(2)).toEqual(Buffer.from('tw'));
    expect(file.readline(100)).toEqual(Buffer.from('o\n'));
    const memory = Buffer.alloc(4);
    expect(file.readinto(new Uint16Array(memory.buffer, memory.byteOffset, 1))).toBe(2);
    expect(memory.toString()).toBe('th\0\0');
    expect(file.readlines(4)).toEqual([Buffer.from('ree\n'), Buffer.from('four\n')]);
    for (const line of file) {
      expect(line).toEqual(Buffer.from('five and six\n'));
      break;
    }
    expect(file.read(0)).toEqual(Buffer.alloc(0));
    expect(file.read(2)).toEqual(Buffer.from('se'));
    expect(file.read()).toEqual(Buffer.from('ven'));
    expect([file.read(), file.read(5), file.readline(), ...file]).toEqual([
      Buffer.alloc(0),
      Buffer.alloc(0),
      Buffer.alloc(0),
    ]);
  });

  test('waits for as many bytes as were asked for, read1 for any', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    near.settimeout(0.05);
    far.send(Buffer.from('abcdef'));
    using file = near.makefile('rb', 4);
    expect(file.read1(1)).toEqual(Buffer.from('a'));
    expect(file.read(2)).toEqual(Buffer.from('bc'));
    // What the buffer has, and no more.
    expect(file.read1()).toEqual(Buffer.from('de'));
    expect(file.read1()).toEqual(Buffer.from('f'));
    far.send(Buffer.from('gh'));
    expect(() => file.read(3)).toThrow(TimeoutError);
  });

  test('a part of a line gives no more than was asked for, however small the buffer', () => {
    for (const mode of ['rb', 'rwb'] as const) {
      const socket = receiving('abcdefgh\n');
      const file = socket.makefile(mode, { buffering: 2 });
      expect([file.readline(3), file.readline(4), file.readline(9)].map(String)).toEqual(['abc', 'defg', 'h\n']);
      file.close();
      socket.close();
    }
  });

  test('megabytes at once gives the same bytes, whatever the buffer', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    const data = Buffer.from(Array.from({ length: 150_000 }, (_, index) => index % 251));
    for (const buffering of [0, 1, 1000, 8192]) {
      far.sendall(data);
      using file = near.makefile('rb', buffering);
      const first = file.read(20_000)!;
      // Unbuffered, a read is one receive.
      const rest = Buffer.alloc(data.length - first.length);
      for (let filled = 0; filled < rest.length; ) filled += file.readinto(rest.subarray(filled))!;
      expect(Buffer.concat([first, rest]).equals(data)).toBe(true);
    }
  });

  test('with a wrong size is refused by name', () => {
    using near = receiving('');
    for (const file of [near.makefile('rb'), near.makefile('rb', 0), near.makefile('r')]) {
      for (const call of [file.read, file.readline, file.readlines] as ((size: unknown) => unknown)[]) {
        expect(() => call.call(file, '5')).toThrow(invalid('size', 'ERR_INVALID_ARG_TYPE'));
        expect(() => call.call(file, 1.5)).toThrow(invalid('size', 'ERR_OUT_OF_RANGE'));
      }
    }
    expect(() => near.makefile('rb').read(-2)).toThrow(invalid('size', 'ERR_INVALID_ARG_VALUE'));
    expect(() => near.makefile('rb').readinto('x' as never)).toThrow(invalid('buffer', 'ERR_INVALID_ARG_TYPE'));
  });
});

describe('writing', () => {
  test('waits in the buffer for a flush, a close or the end of the room', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    far.setblocking(false);
    const file = near.makefile('wb', 8);
    expect(file.write(Buffer.from('12345678'))).toBe(8);
    expect(() => far.recv(1)).toThrow(BlockingIOError);
    expect(file.write(Buffer.from('9'))).toBe(1);
    expect(far.recv(100).toString()).toBe('12345678');
    file.flush();
    expect(far.recv(100).toString()).toBe('9');
    file.writelines([Buffer.from('a'), new Uint8Array([98]), new DataView(new ArrayBuffer(1))]);
    expect(() => far.recv(1)).toThrow(BlockingIOError);
    file.close();
    expect(far.recv(100).toString()).toBe('ab\0');
  });

  test('a line sends it where text is buffered by lines', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    far.setblocking(false);
    using file = near.makefile('w', 1);
    file.write('half');
    expect(() => far.recv(1)).toThrow(BlockingIOError);
    file.write(' a line\nmore');
    expect(far.recv(100).toString()).toBe('half a line\nmore');
  });

  test('both ways through one file', () => {
    const [near, far] = socketpair();
    using here = near.makefile('rwb');
    using there = far.makefile('rw', { encoding: 'utf-8' });
    near.close();
    far.close();
    here.write(Buffer.from('question 1\nquestion 2\n'));
    here.flush();
    for (const answer of ['one', 'two']) {
      const question = there.readline();
      // What had been received stays: CPython forgets it at this write.
      there.write(`${question.trim()}: ${answer}\n`);
    }
    there.flush();
    expect(here.readlines(20).map(String)).toEqual(['question 1: one\n', 'question 2: two\n']);
  });

  test('what is not bytes, or not text, is refused', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    for (const buffering of [0, 10]) {
      using file = near.makefile('wb', buffering);
      expect(() => file.write('text' as never)).toThrow(invalid('data', 'ERR_INVALID_ARG_TYPE'));
    }
    using text = near.makefile('w');
    expect(() => text.write(Buffer.from('bytes') as never)).toThrow(invalid('text', 'ERR_INVALID_ARG_TYPE'));
  });

  test('in the wrong direction is an UnsupportedOperation', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    for (const mode of ['r', 'rb'] as const) {
      expect(() => (near.makefile(mode) as any).write(mode === 'r' ? 'a' : Buffer.from('a'))).toThrow(
        UnsupportedOperation,
      );
    }
    expect(() => near.makefile('wb', 0).read()).toThrow(UnsupportedOperation);
    try {
      near.makefile('w').readline();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OSError);
      expect(error).toMatchObject({ name: 'UnsupportedOperation', code: 'EBADF', syscall: 'read' });
    }
  });

  test('to a peer that is gone fails, at the close too, and closes the file even so', () => {
    const [near, far] = socketpair();
    far.close();
    const file = near.makefile('w');
    // What is sent to a peer that is gone is refused at once only where that is on the same machine.
    if (onWindows) near.shutdown(SHUT_WR);
    near.close();
    file.write('lost');
    const { code } = errorOf(onWindows ? 'ESHUTDOWN' : 'EPIPE');
    expect(() => file.flush()).toThrow(expect.objectContaining({ code }));
    expect(() => file.close()).toThrow(expect.objectContaining({ code }));
    expect(file.closed).toBe(true);
    expect(near.fileno()).toBe(-1);
    file.close();
  });
});

describe('the descriptor', () => {
  test('stays open until the last file and the socket are closed', () => {
    const [near, far] = socketpair();
    using _far = far;
    const reader = near.makefile('rb');
    const writer = near.makefile('w');
    const fd = near.fileno();
    near.close();
    near.close();
    expect([near.fileno(), reader.fileno(), writer.name, reader.name]).toEqual([fd, fd, fd, fd]);
    expect(inspect(near)).toMatch(/^<Socket \[closed\] fd=\d+/);
    // As in CPython, the socket is of use until then.
    expect(near.send(Buffer.from('still '))).toBe(6);
    writer.write('here');
    writer.close();
    writer.close();
    expect(far.recv(100).toString()).toBe('still here');
    expect([near.fileno(), writer.closed, writer.name]).toEqual([fd, true, -1]);
    reader.close();
    expect(near.fileno()).toBe(-1);
    expect(() => near.send(Buffer.from('x'))).toThrow(expect.objectContaining(noSocket));
    expect(far.recv(1)).toHaveLength(0);
  });

  test('stays open after the files while the socket is open', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    {
      using file = near.makefile('w');
      file.write('a');
    }
    near.send(Buffer.from('b'));
    expect(far.makefile().read(2)).toBe('ab');
  });

  test('is the caller’s after a detach, and the files fail', () => {
    const [near, far] = socketpair();
    using _far = far;
    const file = near.makefile('rb');
    const fd = near.detach();
    expect(() => file.read(1)).toThrow(expect.objectContaining(noSocket));
    file.close();
    using again = new (near.constructor as typeof Socket)({ family: LOCAL, fileno: fd });
    far.send(Buffer.from('x'));
    expect(again.recv(1).toString()).toBe('x');
  });

  test('of a closed file is refused, like its every use', () => {
    using near = receiving('abc');
    const file = near.makefile('rwb');
    file.close();
    const calls = [
      'read',
      'readline',
      'readlines',
      'read1',
      'flush',
      'fileno',
      'readable',
      'writable',
      'seekable',
    ] as const;
    for (const call of calls) {
      expect(() => file[call](), call).toThrow(invalid('closed', 'ERR_INVALID_ARG_VALUE'));
    }
    expect(() => file.write(Buffer.alloc(1))).toThrow(invalid('closed', 'ERR_INVALID_ARG_VALUE'));
    expect(() => [...file]).toThrow(invalid('closed', 'ERR_INVALID_ARG_VALUE'));
    expect(() => file.writelines([])).toThrow(invalid('closed', 'ERR_INVALID_ARG_VALUE'));
  });

  test.skipIf(without('a list of descriptors'))(
    'is closed when a forgotten file is collected (a list of descriptors)',
    async () => {
      const collect = async (done: () => boolean) => {
        for (let round = 0; round < 20 && !done(); round++) {
          globalThis.gc!();
          await turn();
        }
      };
      // What earlier tests have left behind.
      await collect(() => false);
      const before = openDescriptors().length;
      (() => {
        for (let index = 0; index < 100; index++) {
          const near = receiving('line\n');
          expect(near.makefile(index % 2 ? 'r' : 'rb').readline()).toHaveLength(5);
          near.close();
        }
      })();
      expect(openDescriptors().length).toBeGreaterThan(before);
      await collect(() => openDescriptors().length === before);
      expect(openDescriptors().length).toBe(before);
    },
  );
});

describe('a timeout', () => {
  test.each([0, 8192])('makes a file unreadable, with a buffer of %i, and the socket none the worse', (buffering) => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    near.settimeout(0.02);
    using file = near.makefile('rb', buffering);
    expect(() => file.read(5)).toThrow(TimeoutError);
    far.send(Buffer.from('late\n'));
    for (const call of [() => file.read(1), () => file.readline(), () => file.read()]) {
      expect(call).toThrow(expect.objectContaining({ code: 'EIO', message: expect.stringContaining('timed out') }));
    }
    expect(near.recv(100).toString()).toBe('late\n');
  });

  test.skipIf(without('room of a unix pair'))(
    'of a write keeps what is not sent, for the next flush (room of a unix pair)',
    () => {
      const [near, far] = socketpair();
      using _near = near;
      using _far = far;
      near.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
      near.settimeout(0.02);
      const file = near.makefile('wb', 1_000_000);
      const data = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));
      file.write(data);
      expect(() => file.flush()).toThrow(TimeoutError);
      const received: Buffer[] = [];
      for (let rounds = 0; rounds < 100_000; rounds++) {
        received.push(far.recv(1_000_000));
        try {
          file.flush();
          break;
        } catch (error) {
          if (!(error instanceof TimeoutError)) throw error;
          near.settimeout(0.001);
        }
      }
      file.close();
      near.shutdown(SHUT_WR);
      received.push(far.makefile('rb').read()!);
      expect(Buffer.concat(received).equals(data)).toBe(true);
    },
  );
});

describe('the files of a non-blocking socket', () => {
  test('read what there is', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    near.setblocking(false);
    using raw = near.makefile('rb', 0);
    expect([raw.read(5), raw.read(), raw.readinto(Buffer.alloc(1))]).toEqual([undefined, undefined, undefined]);
    expect(() => raw.readline()).toThrow(BlockingIOError);
    using file = near.makefile('rb');
    expect([file.read(5), file.read(), file.readinto(Buffer.alloc(1))]).toEqual([undefined, undefined, undefined]);
    expect([file.read1(5), file.readline()]).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
    const arrives = () => far.send(Buffer.from('abc'));
    arrives();
    expect(file.read(5)).toEqual(Buffer.from('abc'));
    arrives();
    expect(file.readline()).toEqual(Buffer.from('abc'));
    arrives();
    expect(file.read()).toEqual(Buffer.from('abc'));
    using text = near.makefile();
    expect([text.read(1), text.readline()]).toEqual(['', '']);
    expect(() => text.read()).toThrow(BlockingIOError);
  });

  test.skipIf(without('room of a unix pair'))('tell how much they could write (room of a unix pair)', () => {
    const [near, far] = socketpair();
    using _near = near;
    using _far = far;
    near.setblocking(false);
    using raw = near.makefile('wb', 0);
    while (raw.write(Buffer.alloc(100_000)) !== undefined);
    const file = near.makefile('wb', 10);
    const blocked = (charactersWritten: number) => expect.objectContaining({ code: 'EAGAIN', charactersWritten });
    expect(file.write(Buffer.from('12345678'))).toBe(8);
    expect(() => file.write(Buffer.from('abcdefgh'))).toThrow(blocked(2));
    expect(() => file.flush()).toThrow(blocked(0));
    expect(() => file.write(Buffer.alloc(80))).toThrow(blocked(0));
    for (let unread = 1; unread > 0; ) {
      unread = far.recv(1_000_000).length === 1_000_000 ? 1 : 0;
    }
    file.close();
    expect(far.recv(100).toString()).toMatch(/12345678ab$/);
  });
});
