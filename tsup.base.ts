import { defineConfig, type Options } from 'tsup';

/** The build of every package: one CommonJS implementation (`scripts/esm-entry.mjs` adds the ECMAScript modules). */
export function library(options: Options = {}) {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['cjs'],
    target: 'node20',
    dts: true,
    sourcemap: true,
    clean: true,
    // Without it a class that names itself is called `_Socket` in messages.
    keepNames: true,
    ...options,
  });
}
