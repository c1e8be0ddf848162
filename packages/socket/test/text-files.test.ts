import { spawn } from 'node:child_process';
import {
  createServer,
  type FileOptions,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  type Socket,
  socketpair,
} from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { onWindows, pair } from './platform';

/** A socket that receives these packets one by one, and then the end. */
function receiving(...packets: (string | number[])[]): Socket<any> {
  const [near, far] = pair(onWindows ? SOCK_DGRAM : SOCK_SEQPACKET);
  for (const packet of packets) far.send(typeof packet === 'string' ? Buffer.from(packet) : Uint8Array.from(packet));
  // Datagrams have no end: an empty one is taken for it, at each read that comes to it.
  for (let ends = onWindows ? 8 : 0; ends > 0; ends--) far.send(Buffer.alloc(0));
  far.close();
  return near;
}

function sent(options: FileOptions, ...texts: string[]): string {
  const [near, far] = socketpair();
  using _far = far;
  {
    using _near = near;
    using file = near.makefile('w', options);
    file.writelines(texts);
  }
  return far.recv(65536).toString('latin1');
}

const malformed = expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('utf-8') });

describe('the ends of lines', () => {
  const packets = ['one\n', 'two\r', '\nthree\rfour', '\r', '\r\n', 'five'];

  test.each([
    [undefined, ['one\n', 'two\n', 'three\n', 'four\n', '\n', 'five']],
    ['', ['one\n', 'two\r\n', 'three\r', 'four\r', '\r\n', 'five']],
    ['\n', ['one\n', 'two\r\n', 'three\rfour\r\r\n', 'five']],
    ['\r', ['one\ntwo\r', '\nthree\r', 'four\r', '\r', '\nfive']],
    ['\r\n', ['one\ntwo\r\n', 'three\rfour\r\r\n', 'five']],
  ] as const)('are what newline %j says, also in different packets', (newline, lines) => {
    using near = receiving(...packets);
    expect([...near.makefile('r', { newline })]).toEqual(lines);
    using again = receiving(...packets);
    const whole = newline === undefined ? lines.join('') : packets.join('');
    expect(again.makefile('r', { newline }).read()).toBe(whole);
  });

  test.each(['\r', '\r\n'] as const)('a last %j is one, though nothing follows it', (newline) => {
    using near = receiving('a\r');
    expect(near.makefile('r', { newline }).readlines()).toEqual(['a\r']);
    using universal = receiving('a\r');
    expect(universal.makefile('r').readlines()).toEqual(['a\n']);
  });

  test('half of one that was read for itself is not read again', () => {
    using near = receiving('ab\r');
    using file = near.makefile('r', { newline: '\r\n' });
    expect([file.read(3), file.readline(), file.readline()]).toEqual(['ab\r', '', '']);
  });

  test('are written as newline says', () => {
    const texts = ['a\n\r\n', 'b\n'];
    expect(sent({}, ...texts)).toBe('a\n\r\nb\n');
    expect(sent({ newline: '' }, ...texts)).toBe('a\n\r\nb\n');
    expect(sent({ newline: '\n' }, ...texts)).toBe('a\n\r\nb\n');
    expect(sent({ newline: '\r' }, ...texts)).toBe('a\r\r\rb\r');
    expect(sent({ newline: '\r\n' }, ...texts)).toBe('a\r\n\r\r\nb\r\n');
  });
});

describe('characters', () => {
  const text = 'aé€😀\ufeffz';

  test.each(['utf-8', 'UTF8', 'utf-16le', 'utf_16_le'] as const)(
    'of %s are put together from single bytes',
    (encoding) => {
      const bytes = Buffer.from(text, /16/.test(encoding) ? 'utf16le' : 'utf8');
      using near = receiving(...Array.from(bytes, (byte) => [byte]));
      using file = near.makefile('r', { encoding });
      // A surrogate pair is one character.
      expect([file.read(1), file.read(3), file.read()]).toEqual(['a', 'é€😀', '\ufeffz']);
    },
  );

  test('count, where bytes or halves of characters do not', () => {
    using near = receiving('😀😀\n😀');
    using file = near.makefile();
    expect([file.readline(1), file.readline(9), file.read(2)]).toEqual(['😀', '😀\n', '😀']);
    const [writer, reader] = socketpair();
    using _writer = writer;
    using _reader = reader;
    expect(writer.makefile('w').write('😀é')).toBe(2);
  });

  test('of one byte are the same in both directions', () => {
    expect(sent({ encoding: 'latin1' }, 'é\xff')).toBe('é\xff');
    using near = receiving([0xe9, 0x80]);
    expect(near.makefile('r', { encoding: 'iso-8859-1' }).read()).toBe('é\x80');
  });
});

describe('what the encoding does not allow', () => {
  const bytes = [0x61, 0xff, 0x62, 0xe2, 0x82];

  test('is an error by default', () => {
    using near = receiving(bytes);
    expect(() => near.makefile().read()).toThrow(malformed);
    using cut = receiving([0xe2], [0x82]);
    expect(() => cut.makefile().readline()).toThrow(malformed);
    expect(() => sent({ encoding: 'ascii' }, 'é')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
    expect(() => sent({}, 'a\ud800')).toThrow(malformed);
  });

  test.each([
    ['ignore', 'ab'],
    ['replace', 'a\ufffdb\ufffd'],
    ['surrogateescape', 'a\udcffb\udce2\udc82'],
  ] as const)('is treated as errors %j say', (errors, text) => {
    using near = receiving(bytes);
    expect(near.makefile('r', { errors }).read()).toBe(text);
    const back = { ignore: 'ab', replace: 'a?b??', surrogateescape: 'a\xffb\xe2\x82' }[errors];
    expect(sent({ errors, encoding: 'ascii' }, 'a\udcffb\udce2\udc82')).toBe(back);
  });

  test('does not become a byte that was not escaped', () => {
    const options = { errors: 'surrogateescape' } as const;
    expect(() => sent(options, '\udc7f')).toThrow(malformed);
    expect(() => sent({ ...options, encoding: 'utf-16le' }, '\udc80')).toThrow(RangeError);
    expect(() => sent({ ...options, encoding: 'ascii' }, '\udc80é')).toThrow(RangeError);
  });
});

test('a line of megabytes is read in good time', () => {
  using server = createServer(['127.0.0.1', 0]);
  const program = `require('net').connect(${server.getsockname()[1]}, '127.0.0.1').end('é'.repeat(1e7) + '\\nend')`;
  const child = spawn(process.execPath, ['--eval', program], { stdio: 'ignore' });
  const [connection] = server.accept();
  using _connection = connection;
  using file = connection.makefile('r', { newline: '\r\n' });
  const started = performance.now();
  const line = file.readline(1e7);
  expect([line.length, file.readline()]).toEqual([1e7, '\nend']);
  // It would take minutes if each receive copied what there was before.
  expect(performance.now() - started).toBeLessThan(20_000);
  child.unref();
});

test('a text file says what it is made of', () => {
  using near = receiving('');
  const file = near.makefile('r', { encoding: 'Latin-1', errors: 'replace', buffering: 1 });
  expect([file.encoding, file.errors, file.lineBuffering, file.mode]).toEqual(['latin1', 'replace', true, 'r']);
  expect(file.buffer.fileno()).toBe(near.fileno());
});
