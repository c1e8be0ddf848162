import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './cleanup.mjs';
import { LeftOut, PEERS, PeerError } from './peer.mjs';

const HARNESS = fileURLToPath(new URL('.', import.meta.url));
const programs = new Map();
let folder;

/** The program of a peer and its arguments. C files of bench/peers among them are compiled, each once. */
export function programOf({ source, command = [] }) {
  const words = source === undefined ? command : [source, ...command];
  return words.map((word) => (word.endsWith('.c') ? compile(word) : word));
}

/** A C file of bench/harness as a shared library. */
export function libraryOf(source) {
  return compile(source, HARNESS, ['-shared', '-fPIC']);
}

function compile(source, cwd = PEERS, options = ['-pthread']) {
  if (!programs.has(source)) programs.set(source, build(source, cwd, options));
  return programs.get(source);
}

function build(source, cwd, options) {
  folder ??= temporaryFolder();
  const program = join(folder, basename(source, '.c'));
  const { error, status, stderr } = spawnSync('cc', ['-O2', '-Wall', ...options, '-o', program, source], {
    cwd,
    encoding: 'utf8',
  });
  if (error) throw new LeftOut(`no C compiler: cc: ${error.code}`);
  if (status !== 0) throw new PeerError(`${source} cannot be compiled:\n${stderr.trimEnd()}`);
  return program;
}
