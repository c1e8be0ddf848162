import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const core = path('../../core-native/');
const sanitize = path('../../../scripts/sanitize.mjs');
// Compilers and the runs inside of a sanitized run begin without its options.
const env = { ...process.env, LD_PRELOAD: '', ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: '' };
const missing = spawnSync(process.execPath, [sanitize], { env }).status === 0 ? '' : ': needs the sanitizers of g++';
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
  const headers = join(createRequire(core).resolve('node-api-headers'), '../include');
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
  const options = [`@${core}sanitizers.txt`, '-std=c++17', '-shared', '-fPIC', '-I', headers, '-o', addon, source];
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

  test.skipIf(without('only under test:sanitize'))('finds no leak in the addon (only under test:sanitize)', () => {
    const { status, stdout } = spawnSync(process.execPath, [sanitize, process.execPath, path('leaks.cjs')], {
      env,
      encoding: 'utf8',
      timeout: 25_000,
    });
    expect(stdout).toBe('done\n');
    expect(status).toBe(0);
  });
});
