import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/**/test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    // The packages are tested as users get them: built, and loaded by Node itself.
    server: { deps: { external: [/\/dist\//] } },
    // A blocking call in a test blocks its whole process.
    pool: 'forks',
    execArgv: ['--expose-gc'],
    testTimeout: 30_000,
    reporters: ['default', './scripts/count-reporter.mjs'],
  },
});
