import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { native, Slot, slots } from '@bsd-sockets/core-native';
import { AF_INET, AF_UNIX, SOCK_DGRAM, Socket, socketpair } from '@bsd-sockets/socket';
import { afterAll, describe, expect, test } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const sanitize = path('../../../scripts/sanitize.mjs');
const underSanitizers = process.env.BSD_SOCKETS_SANITIZE !== undefined;
// Compilers and the runs inside of a sanitized run begin without its options.
const env = { ...process.env, LD_PRELOAD: '', ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: '' };
const missing = spawnSync(process.execPath, [sanitize], { env }).status === 0 ? '' : ': lacks the sanitizers of g++';
const folder = mkdtempSync(join(tmpdir(), 'sanitizers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const faults = {
  'no fault': ['', undefined],
  'a read past the end': ['char* text = new char[at]; at = text[at]; delete[] text;', /heap-buffer-overflow/],
  'a use after free': ['char* text = new char[at]; delete[] text; at = text[0];', /heap-use-after-free/],
  'an overflow of an int': ['at += 2147483647;', /signed integer overflow/],
  'a misaligned read': [
    'alignas(8) char text[16] = {}; at = *reinterpret_cast<int*>(text + at - 4);',
    /misaligned address/,
  ],
  'NaN as an int': ['double nan = at * __builtin_nan(""); at = static_cast<int>(nan);', /nan is outside the range/],
  'a leak': ['for (int i = 0; i < 50; i++) { void* volatile leaked = malloc(5); leaked = nullptr; }', /Direct leak/],
} as const;

/** An addon with one fault, built with the options of the sanitized addon. */
function addonWith(statements: string): string {
  const source = join(folder, 'fault.cc');
  const headers = join(createRequire(import.meta.url).resolve('node-api-headers'), '../include');
  writeFileSync(
    source,
    `#include <node_api.h>
#include <cstdlib>
namespace bsd_sockets {
__attribute__((noinline)) void Fault(volatile int at) { ${statements} (void)at; }
}
NAPI_MODULE_INIT() { (void)env; bsd_sockets::Fault(5); return exports; }
`,
  );
  const addon = join(folder, 'fault.node');
  const options = [
    `@${path('../sanitizers.txt')}`,
    '-std=c++17',
    '-shared',
    '-fPIC',
    '-I',
    headers,
    '-o',
    addon,
    source,
  ];
  execFileSync('g++', options, { env });
  return addon;
}

describe('the sanitized run', () => {
  test.skipIf(missing).each(Object.entries(faults))(`reports %s${missing}`, (_, [statements, report]) => {
    const program = `require(${JSON.stringify(addonWith(statements))})`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [sanitize, process.execPath, '--eval', program], {
      env,
      encoding: 'utf8',
      timeout: 25_000,
    });
    expect(stdout + stderr).toMatch(report ?? /^$/);
    expect(status).toBe(report ? 1 : 0);
  });

  test.skipIf(!underSanitizers)('finds no leak in the addon (under test:sanitize alone)', () => {
    const { status, stdout } = spawnSync(process.execPath, [sanitize, process.execPath, path('leaks.cjs')], {
      env,
      encoding: 'utf8',
      timeout: 25_000,
    });
    expect(stdout).toBe('done\n');
    expect(status).toBe(0);
  });
});

describe('numbers in the call block that no system call takes', () => {
  const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, 2 ** 31, 2 ** 64, -1];

  test.each(numbers)('%d as a descriptor is none', (number) => {
    slots[Slot.flags] = slots[Slot.offset] = slots[Slot.length] = slots[Slot.timeout] = slots[Slot.addressLength] = 0;
    slots[Slot.fd] = number;
    expect(native.send(Buffer.from('data'))).toBe(-native.errnos.EBADF!);
    expect(native.receive(Buffer.alloc(4))).toBe(-native.errnos.EBADF!);
  });

  test.each(numbers)('%d in any other place is met by an errno or a part of the data', (number) => {
    const [sender, receiver] = socketpair(AF_UNIX, SOCK_DGRAM);
    using _sender = sender;
    using _receiver = receiver;
    for (const slot of [Slot.flags, Slot.offset, Slot.length, Slot.timeout, Slot.addressLength]) {
      slots.fill(0);
      slots[Slot.length] = 4;
      slots[slot] = number;
      slots[Slot.fd] = sender.fileno();
      expect(native.send(Buffer.from('data'))).toBeLessThanOrEqual(4);
      slots.fill(0);
      slots[Slot.length] = 4;
      slots[slot] = number;
      slots[Slot.fd] = receiver.fileno();
      // Whatever the flags say, the receive must not wait.
      receiver.setblocking(false);
      expect(native.receive(Buffer.alloc(4))).toBeLessThanOrEqual(4);
    }
  });
});

test('a sockaddr may begin at an odd address', () => {
  using server = new Socket(AF_INET);
  using client = new Socket(AF_INET);
  const odd = (address: Uint8Array) => {
    const memory = new Uint8Array(address.length + 1);
    memory.set(address, 1);
    return memory.subarray(1);
  };
  const loopback = Uint8Array.of(0, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  new Uint16Array(loopback.buffer)[0] = AF_INET;
  expect(native.bind(server.fileno(), odd(loopback))).toBe(0);
  server.listen();
  new DataView(loopback.buffer).setUint16(2, server.getsockname()[1]);
  expect(native.connect(client.fileno(), odd(loopback), -1)).toBe(0);
  expect(client.getpeername()).toEqual(server.getsockname());
});

test('a sockaddr that is longer than any, or empty, is refused', () => {
  using socket = new Socket(AF_INET);
  for (const length of [0, 1, 129, 256, 257, 100_000]) {
    const { EINVAL } = native.errnos as { EINVAL: number };
    expect(native.bind(socket.fileno(), new Uint8Array(length))).toBe(-EINVAL);
    expect(native.connect(socket.fileno(), new Uint8Array(length), 0)).toBe(-EINVAL);
  }
});
