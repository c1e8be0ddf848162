import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { temporaryFolder } from './cleanup.mjs';
import { LeftOut, PEERS, PeerError } from './peer.mjs';

const programs = new Map();
let folder;

/** Compiles a C file of bench/peers, once, and returns the program. */
export function compile(source) {
  if (!programs.has(source)) programs.set(source, build(source));
  return programs.get(source);
}

function build(source) {
  folder ??= temporaryFolder();
  const program = join(folder, basename(source, '.c'));
  const { error, status, stderr } = spawnSync('cc', ['-O2', '-Wall', '-pthread', '-o', program, source], {
    cwd: PEERS,
    encoding: 'utf8',
  });
  if (error) throw new LeftOut(`no C compiler: cc: ${error.code}`);
  if (status !== 0) throw new PeerError(`${source} cannot be compiled:\n${stderr.trimEnd()}`);
  return program;
}
