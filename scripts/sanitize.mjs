// Runs a command with the addon that `build:sanitize` built and ends with 1 if it fails or a sanitizer reports anything:
//   node scripts/sanitize.mjs node program.js
// With ASAN_OPTIONS=detect_leaks=1 it looks for the addon's leaks too. Without a command it only checks that the
// sanitizers are installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ADDON = fileURLToPath(
  new URL('../packages/core-native/build/Sanitize/Release/core_native.node', import.meta.url),
);

/** The shared library of a sanitizer; undefined where it is missing. */
function runtime(name) {
  try {
    const path = execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
    // Of a file that it does not have g++ prints the bare name.
    return isAbsolute(path) ? path : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function environment(asan, folder) {
  const { env } = process;
  const join = (...options) => options.filter(Boolean).join(':');
  return {
    ...env,
    BSD_SOCKETS_ADDON: ADDON,
    // For tests that measure what a sanitizer changes, such as the size of a process.
    BSD_SOCKETS_SANITIZE: '1',
    LD_PRELOAD: asan,
    // Leaks are looked for on request: at the end of a large process that takes minutes.
    ASAN_OPTIONS: join(`log_path=${folder}/report`, 'detect_leaks=0:detect_stack_use_after_return=1', env.ASAN_OPTIONS),
    // Leaks of others, which reports() leaves out, are no reason to fail.
    LSAN_OPTIONS: join('exitcode=0', env.LSAN_OPTIONS),
    // It knows no log beside AddressSanitizer: its report is on standard error, and the process ends with 1.
    UBSAN_OPTIONS: join('halt_on_error=1:print_stacktrace=1', env.UBSAN_OPTIONS),
  };
}

/** What the sanitizers wrote; of leaks only those that the addon's code is part of. */
function reports(folder) {
  return readdirSync(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    if (!text.includes('ERROR: LeakSanitizer: detected memory leaks')) return [text];
    return text.split(/\n\n+/).filter((leak) => /^(Direct|Indirect) leak/.test(leak) && leak.includes('bsd_sockets::'));
  });
}

function run(asan, [command, ...args]) {
  const folder = mkdtempSync(join(tmpdir(), 'sanitize-'));
  try {
    const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: environment(asan, folder) });
    if (error) throw error;
    const found = reports(folder);
    for (const report of found) console.log(report);
    // In the words of count-reporter.mjs, so that CI adds it to what the tests say.
    if (found.length > 0) console.log(`Reports of the sanitizers:\n0 passed, ${found.length} failed`);
    return status === 0 && found.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const asan = runtime('libasan.so');
if (!asan || !runtime('libubsan.so')) {
  console.error(
    "The sanitizers of g++ (libasan, libubsan) are missing. Debian, Ubuntu: apt install g++. Fedora: dnf install gcc-c++ libasan libubsan. Alpine's g++ has none.",
  );
  process.exitCode = 1;
} else if (process.argv.length > 2) {
  process.exitCode = run(asan, process.argv.slice(2));
}
