import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as core from '@bsd-sockets/core-native';
import {
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  EAI_NONAME,
  EAI_SYSTEM,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  gaiError,
  HError,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  native,
  OSError,
  osError,
  PermissionError,
  ProcessLookupError,
  Slot,
  slots,
  TIMED_OUT,
  TimeoutError,
} from '@bsd-sockets/core-native';
import { describe, expect, test } from 'vitest';
import { without } from './capabilities';

const { EACCES, EBADF, ECONNREFUSED, ETIMEDOUT } = native.errnos as Record<string, number>;
const { HOST_NOT_FOUND } = native.constants;
/** Where an error has Winsock's number too. */
const onWindows = process.platform === 'win32';

// https://docs.python.org/3/library/exceptions.html#os-exceptions
const documented: [name: string, errorClass: typeof OSError, errnos: string[]][] = [
  ['BlockingIOError', BlockingIOError, ['EAGAIN', 'EALREADY', 'EWOULDBLOCK', 'EINPROGRESS']],
  ['BrokenPipeError', BrokenPipeError, ['EPIPE', 'ESHUTDOWN']],
  ['ConnectionAbortedError', ConnectionAbortedError, ['ECONNABORTED']],
  ['ConnectionRefusedError', ConnectionRefusedError, ['ECONNREFUSED']],
  ['ConnectionResetError', ConnectionResetError, ['ECONNRESET']],
  ['FileExistsError', FileExistsError, ['EEXIST']],
  ['FileNotFoundError', FileNotFoundError, ['ENOENT']],
  ['InterruptedError', InterruptedError, ['EINTR']],
  ['IsADirectoryError', IsADirectoryError, ['EISDIR']],
  ['NotADirectoryError', NotADirectoryError, ['ENOTDIR']],
  ['PermissionError', PermissionError, ['EACCES', 'EPERM']],
  ['ProcessLookupError', ProcessLookupError, ['ESRCH']],
  ['TimeoutError', TimeoutError, ['ETIMEDOUT']],
];

describe('the class of an errno', () => {
  test.each(documented)('%s', (name, errorClass, errnos) => {
    for (const errno of errnos) {
      const error = osError(-native.errnos[errno]!);
      expect(error.constructor, errno).toBe(errorClass);
      expect(error.name).toBe(name);
    }
  });

  test('is OSError itself for all others', () => {
    const special = new Set(documented.flatMap(([, , errnos]) => errnos.map((errno) => native.errnos[errno])));
    const others = Object.entries(native.errnos).filter(([, errno]) => !special.has(errno));
    expect(others.length).toBeGreaterThan(80);
    for (const [name, errno] of others) expect(osError(-errno).constructor, name).toBe(OSError);
    for (const errno of [0, 999, 4095]) expect(osError(-errno).constructor).toBe(OSError);
  });

  test('is below those that Python puts above it', () => {
    const connection = [BrokenPipeError, ConnectionAbortedError, ConnectionRefusedError, ConnectionResetError];
    for (const [name, errorClass, [errno]] of documented) {
      const error = osError(-native.errnos[errno!]!);
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(OSError);
      expect(error instanceof ConnectionError, name).toBe(connection.includes(errorClass));
      for (const [otherName, other] of documented) expect(error instanceof other, otherName).toBe(other === errorClass);
    }
  });

  test.skipIf(without('python3'))('is what python3 raises (python3)', () => {
    const script = `
import errno, json
print(json.dumps({name: type(OSError(code, '')).__name__ for code, name in errno.errorcode.items()}))`;
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    const raised = JSON.parse(stdout) as Record<string, string>;
    const both = Object.keys(raised).filter((name) => name in native.errnos);
    expect(both.length).toBeGreaterThan(100);
    const different = both.filter((name) => osError(-native.errnos[name]!).constructor.name !== raised[name]);
    // A child process of ours is nobody's.
    expect(different).toEqual(['ECHILD']);
  });
});

describe('what an error says', () => {
  test('has number, name, text, call and address', () => {
    const error = osError(-ECONNREFUSED!, { syscall: 'connect', address: ['127.0.0.1', 80] });
    expect({ ...error }).toEqual({
      errno: ECONNREFUSED,
      ...(onWindows ? { winerror: 10061 } : {}),
      code: 'ECONNREFUSED',
      strerror: 'Connection refused',
      syscall: 'connect',
      address: ['127.0.0.1', 80],
    });
    expect(error.message).toBe("ECONNREFUSED: Connection refused, connect [ '127.0.0.1', 80 ]");
    expect(error.stack).toContain('ConnectionRefusedError: ECONNREFUSED');
    expect(`${error}`).toBe(`ConnectionRefusedError: ${error.message}`);
  });

  test('leaves out what is not known', () => {
    const error = osError(-native.errnos.ENOENT!);
    expect(Object.keys(error).sort()).toEqual(['code', 'errno', 'strerror']);
    const text = `ENOENT: ${error.strerror}`;
    expect(error.message).toBe(text);
    expect(osError(-native.errnos.ENOENT!, { syscall: 'recv' }).message).toBe(`${text}, recv`);
    expect(osError(-EBADF!, { hint: 'the socket is closed' }).message).toContain('(the socket is closed)');
  });

  test('shows an address as it was given', () => {
    expect(osError(-2, { syscall: 'bind', address: '\0name' }).message).toContain("bind '\\x00name'");
    expect(osError(-2, { syscall: 'bind', address: Buffer.of(1, 2) }).message).toContain('<Buffer 01 02>');
  });

  test('names an errno that two names share by the usual one', () => {
    expect(native.errnos.EAGAIN).toBe(native.errnos.EWOULDBLOCK);
    expect(native.errnos.EOPNOTSUPP).toBe(native.errnos.ENOTSUP);
    expect(osError(-native.errnos.EAGAIN!).code).toBe('EAGAIN');
    expect(osError(-native.errnos.EOPNOTSUPP!).code).toBe('EOPNOTSUPP');
  });

  test('names every errno of the table, and unknown ones by their number', () => {
    for (const [name, errno] of Object.entries(native.errnos)) {
      expect(native.errnos[osError(-errno).code!], name).toBe(errno);
    }
    expect(osError(-4000)).toMatchObject({ errno: 4000, code: 'E4000' });
  });

  test.skipIf(without('python3'))('has the text that os.strerror has (python3)', () => {
    const script = 'import json, os; print(json.dumps([os.strerror(number) for number in range(1, 140)]))';
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    const texts = Array.from({ length: 139 }, (_, index) => osError(-(index + 1)).strerror);
    expect(texts).toEqual(JSON.parse(stdout));
  });
});

describe('a timeout', () => {
  test("of a socket is apart from the kernel's own by its text", () => {
    const ours = osError(-TIMED_OUT, { syscall: 'recv' });
    expect(ours.constructor).toBe(TimeoutError);
    expect(ours).toMatchObject({ errno: ETIMEDOUT, code: 'ETIMEDOUT', strerror: 'timed out', syscall: 'recv' });
    expect(ours.message).toBe('ETIMEDOUT: timed out, recv');
    const kernel = osError(-ETIMEDOUT!, { syscall: 'recv' });
    expect(kernel.constructor).toBe(TimeoutError);
    expect(kernel).toMatchObject({ errno: ETIMEDOUT, code: 'ETIMEDOUT' });
    expect(kernel.strerror).not.toBe('timed out');
  });

  test('is larger than every errno', () => {
    expect(Math.max(...Object.values(native.errnos))).toBeLessThan(TIMED_OUT);
    // Those of Winsock.
    expect(TIMED_OUT).toBeGreaterThan(12_000);
  });
});

describe('the errors of a lookup', () => {
  test('have the codes of the resolver', () => {
    const error = gaiError(EAI_NONAME, { syscall: 'getaddrinfo', address: ['nowhere', 80] });
    expect(error.constructor).toBe(GaiError);
    expect(error).toBeInstanceOf(OSError);
    expect(error).toMatchObject({ errno: EAI_NONAME, code: 'EAI_NONAME' });
    expect(error.message).toBe(`EAI_NONAME: ${error.strerror}, getaddrinfo [ 'nowhere', 80 ]`);
  });

  test('have a name for every code', () => {
    const codes = Object.entries(native.constants).filter(([name]) => name.startsWith('EAI_'));
    expect(codes.length).toBeGreaterThan(8);
    slots[Slot.error] = 0;
    for (const [name, code] of codes) expect(gaiError(code!).code).toBe(name);
  });

  test.skipIf(without('EAI_SYSTEM'))('are those of the system behind EAI_SYSTEM (EAI_SYSTEM)', () => {
    slots[Slot.error] = EACCES!;
    const error = gaiError(EAI_SYSTEM, { syscall: 'getaddrinfo' });
    expect(error.constructor).toBe(PermissionError);
    expect(error).toMatchObject({ errno: EACCES, code: 'EACCES', syscall: 'getaddrinfo' });
    slots[Slot.error] = 0;
    expect(gaiError(EAI_SYSTEM)).toMatchObject({ errno: EAI_SYSTEM, code: 'EAI_SYSTEM' });
  });

  test('of hosts have numbers of their own, which are no errnos', () => {
    const error = new HError(HOST_NOT_FOUND!, { syscall: 'gethostbyname' });
    expect(error).toBeInstanceOf(OSError);
    expect(error).not.toBeInstanceOf(GaiError);
    expect(error.errno).toBe(HOST_NOT_FOUND);
    expect(error.code).toBe('HOST_NOT_FOUND');
  });
});

/** How `raise` of Python makes errors, and what they say then. */
const raised: [raise: string, error: OSError, errno: number | undefined, strerror: string | undefined][] = [
  ['OSError()', new OSError(), undefined, undefined],
  ["OSError('no reply')", new OSError('no reply'), undefined, undefined],
  ["OSError(5, 'on fire')", new OSError(5, 'on fire'), 5, 'on fire'],
  ["OSError(104, 'gone')", new OSError(104, 'gone'), 104, 'gone'],
  ["OSError(2, 'no such', 'x')", new OSError(2, 'no such', 'x'), 2, 'no such'],
  ['TimeoutError()', new TimeoutError(), undefined, undefined],
  ["TimeoutError('timed out')", new TimeoutError('timed out'), undefined, undefined],
  ["TimeoutError(110, 'mine')", new TimeoutError(110, 'mine'), 110, 'mine'],
  ["ConnectionError(104, 'gone')", new ConnectionError(104, 'gone'), 104, 'gone'],
  ["socket.gaierror('x')", new GaiError('x'), undefined, undefined],
  ["socket.gaierror(-2, 'mine')", new GaiError(-2, 'mine'), -2, 'mine'],
  ["socket.herror(1, 'mine')", new HError(1, 'mine'), 1, 'mine'],
];

describe('an error that a program raises', () => {
  test('says its text', () => {
    expect(new TimeoutError().message).toBe('');
    expect(new TimeoutError('timed out').message).toBe('timed out');
    expect(`${new OSError('no reply')}`).toBe('OSError: no reply');
    expect(Object.keys(new OSError('no reply'))).toEqual([]);
    expect(new OSError(5, 'on fire').message).toBe('EIO: on fire');
    expect(new GaiError(EAI_NONAME!, 'mine').message).toBe('EAI_NONAME: mine');
    expect(new HError(HOST_NOT_FOUND!, 'mine').message).toBe('HOST_NOT_FOUND: mine');
    const missing = new OSError(2, 'no such thing', 'a file');
    expect(missing.message).toBe("ENOENT: no such thing: 'a file'");
    expect({ ...missing }).toEqual({ errno: 2, code: 'ENOENT', strerror: 'no such thing', filename: 'a file' });
    expect(new OSError(5).message).toBe(`EIO: ${osError(-5).strerror}`);
    expect(new OSError(5, null).strerror).toBe(osError(-5).strerror);
  });

  test.each(documented)('%s, by its number only', (_name, errorClass, errnos) => {
    for (const errno of errnos) {
      for (const error of [new OSError(native.errnos[errno]!), new OSError(native.errnos[errno]!, 'mine')]) {
        expect(error.constructor, errno).toBe(errorClass);
        expect(error.stack!.split('\n')[1], errno).toContain('errors.test.ts');
      }
    }
  });

  test('is of the class that was named', () => {
    class MyError extends OSError {}
    const errorClasses = [ConnectionError, TimeoutError, GaiError, HError, MyError, PermissionError];
    for (const errorClass of errorClasses) {
      for (const error of [new errorClass(104, 'x'), new errorClass('x'), new errorClass()]) {
        expect(error.constructor).toBe(errorClass);
        expect(error).toBeInstanceOf(OSError);
      }
    }
    expect(new OSError(104, { code: 'MINE' }).constructor).toBe(OSError);
  });

  test('has a cause', () => {
    const cause = new Error('before');
    expect(new OSError('no reply', { cause }).cause).toBe(cause);
    expect(new OSError(104, { cause }).cause).toBe(cause);
    expect(new TimeoutError(110, { cause, strerror: 'mine' })).toMatchObject({ cause, strerror: 'mine' });
    expect('cause' in new OSError('no reply')).toBe(false);
  });

  test('refuses what is neither a number nor a message', () => {
    const make = OSError as unknown as new (...args: unknown[]) => OSError;
    expect(() => new make({})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
    expect(() => new make(5, 6)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
    expect(() => new make(1.5)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => new make(2 ** 31)).toThrow(/^errno: expected an integer/);
  });

  test.skipIf(without('python3'))('is what python3 makes (python3)', () => {
    const script = `
import json, socket
print(json.dumps([[type(e).__name__, e.errno, e.strerror] for e in [${raised.map(([raise]) => raise).join()}]]))`;
    const { stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
    const names: Record<string, string> = { GaiError: 'gaierror', HError: 'herror' };
    const ours = raised.map(
      ([
        ,
        {
          constructor: { name },
          errno,
          strerror,
        },
      ]) => {
        return [names[name] ?? name, errno ?? null, strerror ?? null];
      },
    );
    expect(ours).toEqual(JSON.parse(stdout));
    for (const [raise, { errno, strerror }, ...expected] of raised) expect([errno, strerror], raise).toEqual(expected);
  });
});

describe('instanceof', () => {
  const require = createRequire(import.meta.url);

  function loadAgain(): typeof core {
    const path = join(dirname(require.resolve('@bsd-sockets/core-native')), 'bundle.js');
    const first = require.cache[path];
    delete require.cache[path];
    try {
      return require(path);
    } finally {
      if (first) require.cache[path] = first;
    }
  }

  const copy = loadAgain();

  test('holds across copies of the package', () => {
    expect(copy.OSError).not.toBe(OSError);
    for (const [name, errorClass, [errno]] of documented) {
      const ours = osError(-native.errnos[errno!]!);
      const theirs = copy.osError(-native.errnos[errno!]!);
      const theirClass = (copy as any)[name] as typeof OSError;
      expect([ours instanceof theirClass, theirs instanceof errorClass], name).toEqual([true, true]);
      expect([ours instanceof copy.OSError, theirs instanceof OSError], name).toEqual([true, true]);
      expect(theirs instanceof ConnectionError, name).toBe(ours instanceof ConnectionError);
      expect(theirs instanceof HError, name).toBe(false);
    }
    expect(copy.gaiError(EAI_NONAME)).toBeInstanceOf(GaiError);
    expect(copy.osError(-13)).not.toBeInstanceOf(TimeoutError);
  });

  test('knows the classes of a user', () => {
    class MyError extends ConnectionRefusedError {}
    class OtherError extends OSError {}
    const mine = new MyError(ECONNREFUSED!);
    expect(
      [MyError, ConnectionRefusedError, ConnectionError, OSError].map((errorClass) => mine instanceof errorClass),
    ).toEqual([true, true, true, true]);
    expect(mine instanceof OtherError).toBe(false);
    expect(osError(-ECONNREFUSED!) instanceof MyError).toBe(false);
    expect(mine instanceof copy.ConnectionRefusedError).toBe(true);
    expect(mine).toMatchObject({ errno: ECONNREFUSED, code: 'ECONNREFUSED' });
  });

  test('is not taken in by a name', () => {
    const Namesake = { OSError: class OSError extends core.OSError {} }.OSError;
    expect(osError(-9) instanceof Namesake).toBe(false);
    expect(new Namesake(9) instanceof Namesake).toBe(true);
    expect(new Namesake(9) instanceof OSError).toBe(true);
  });

  test.each([undefined, null, 9, 'EBADF', {}, new Error('EBADF'), () => {}])('is false for %s', (value) => {
    expect((value as unknown) instanceof OSError).toBe(false);
    expect((value as unknown) instanceof GaiError).toBe(false);
  });
});
