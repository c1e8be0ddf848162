#!/usr/bin/env node
// Builds the addon of the installed package on this machine, where none of the published binaries fits or one of one's
// own is wanted:
//   npx @bsd-sockets/core-native build
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

function build() {
  const missing = Object.entries(devDependencies).filter(([name]) => !isHere(name));
  if (missing.length > 0) {
    console.error(`The build needs: npm install --save-dev ${missing.map((entry) => entry.join('@')).join(' ')}`);
    return 1;
  }
  const cmake = require.resolve('cmake-js/bin/cmake-js');
  const { status, error } = spawnSync(process.execPath, [cmake, 'compile'], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status === 0)
    console.log(`Built ${root}build/Release/core_native.node, which comes before the published binary.`);
  return status ?? 1;
}

if (process.argv.length === 3 && process.argv[2] === 'build') {
  process.exitCode = build();
} else {
  console.error('usage: npx @bsd-sockets/core-native build');
  process.exitCode = 2;
}
