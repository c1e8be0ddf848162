import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the doctor says, and its exit code, where the programs are those along this path. */
function doctor(path = process.env.PATH) {
  const script = join(import.meta.dirname, '..', 'doctor.mjs');
  const env = { ...process.env, PATH: path, CXX: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  expect(stderr).toBe('');
  return { status, lines: stdout.trim().split('\n') };
}

test('where the project was built nothing is missing for the build', () => {
  const { status, lines } = doctor();
  expect(lines.at(-1)).toBe('The build has all that it needs.');
  expect(status).toBe(0);
  expect(lines).toContainEqual(expect.stringMatching(`^  Node +${process.versions.node} `));
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}CMake +3\.\d+/));
});

test('without any program it names all that is missing, and what to install', () => {
  const { status, lines } = doctor(folder);
  expect(lines.at(-1)).toBe('Missing for the build: npx, git, C++17 compiler, CMake, ninja or make.');
  expect(status).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(/^! CMake +missing .* -> Debian, Ubuntu: apt install cmake; Fedora: dnf install cmake$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^! sanitizers +missing /));
});

test('a program that is too old counts as missing, with its version', () => {
  const old = join(folder, 'cmake');
  writeFileSync(old, '#!/bin/sh\necho cmake version 3.9.6\n', { mode: 0o755 });
  const { lines, status } = doctor(`${folder}:${process.env.PATH}`);
  expect(lines).toContainEqual(expect.stringMatching(/^! CMake +3\.9\.6 /));
  expect(lines.at(-1)).toBe('Missing for the build: CMake.');
  expect(status).toBe(1);
  rmSync(old);
});

test('a compiler that compiles nothing is none', () => {
  for (const name of ['c++', 'g++', 'clang++']) symlinkSync('/bin/false', join(folder, name));
  const { lines } = doctor(`${folder}:${process.env.PATH}`);
  expect(lines.at(-1)).toBe('Missing for the build: C++17 compiler.');
});
