#!/usr/bin/env node
// Builds the addon of the installed package on this machine, where none of the published binaries fits or one of one's
// own is wanted:
//   npx @bsd-sockets/core-native build [--libc]      --libc: send and receive by the C library, for preloaded tools
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
// Of these the published package asks for no version, which could be at odds with that of a project.
const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

function isHere(name) {
  try {
    return Boolean(require.resolve(`${name}/package.json`));
  } catch {
    return false;
  }
}

function build(options) {
  const missing = Object.entries(devDependencies).filter(([name]) => !isHere(name));
  if (missing.length > 0) {
    console.error(`The build needs: npm install --save-dev ${missing.map((entry) => entry.join('@')).join(' ')}`);
    return 1;
  }
  const cmake = require.resolve('cmake-js/bin/cmake-js');
  const { status, error } = spawnSync(process.execPath, [cmake, 'compile', ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status === 0)
    console.log(`Built ${root}build/Release/core_native.node, which comes before the published binary.`);
  return status ?? 1;
}

const command = process.argv.slice(2).join(' ');
if (command === 'build' || command === 'build --libc') {
  process.exitCode = build([`--CDLIBC=${command === 'build' ? 'OFF' : 'ON'}`]);
} else {
  console.error('usage: npx @bsd-sockets/core-native build [--libc]');
  process.exitCode = 2;
}
