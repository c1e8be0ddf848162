import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

// Its guest has one processor, and a new process or page takes long there, as a process does in Wine: see CONTRIBUTING.md.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const inLab = process.env.BSD_SOCKETS_LAB !== undefined;
// Set by scripts/runtimes.mjs, which runs the workers in an emulator.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const emulated = process.env.BSD_SOCKETS_EXECPATH !== undefined;
// Set by it too, and by scripts/coverage.mjs: what cannot run there.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const limited = process.env.BSD_SOCKETS_LIMITS !== undefined;
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const sanitized = process.env.BSD_SOCKETS_SANITIZE !== undefined;
// Set by scripts/coverage.mjs.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
const counted = process.env.NODE_V8_COVERAGE !== undefined;
// What runs no code of the addon has nothing to tell the sanitizers or an emulator.
const withoutAddon = [
  'packages/core-native/test/stub.test.ts',
  'packages/socket/test/{docstrings,python-names,types}.test.ts',
];
// Nor has what only other tests run, or what runs the same code once more: to compare it with CPython's, to find its file, to
// measure how its time grows, or under packages in the place of others.
const withoutSanitizers = [
  'packages/core-native/test/{binaries,layout,loader}.test.ts',
  'packages/drop-ins/*/test/**',
  'packages/family-testkit/test/{broken-families,writing-a-family}.test.ts',
  'packages/resolver/test/{getaddrinfo-cpython,inet-conversion,inet-sockaddr}.test.ts',
  'packages/socket/test/{differential/**,files-differential.test.ts,promises/linear.test.ts,sanitizers.test.ts}',
  'bench/test/**',
  'lab/test/**',
  'packages/examples/test/**',
  'scripts/test/**',
  ...withoutAddon,
];
// The sanitizers are those of this processor's compiler.
const withoutEmulator = ['packages/socket/test/sanitizers.test.ts', ...withoutAddon];
// On Windows: what opens sockets of families that only Linux has, or packs its structures, or compares with a CPython or compiler of
// Linux, or is of calls that Windows does not have (signals that interrupt, descriptors that are passed on or given to Node, sequenced
// packets, waits of unix datagrams), or counts in /proc (there windows-handles.test.ts does) or measures memory
// by it, or measures what no platform changes.
const ofLinux = [
  'packages/**/*.lab.test.ts',
  'packages/families/alg/test/{algorithms,codec}.test.ts',
  'packages/families/bluetooth/test/{hci-links,options,packets}.test.ts',
  'packages/families/can/test/{address,broadcast-manager,control-messages,frame,options,unknown-keys}.test.ts',
  'packages/families/netlink/test/*.test.ts',
  'packages/families/packet/test/{filters,frames,ring,sockets}.test.ts',
  'packages/families/{qipcrtr,rds,tipc}/test/{address,cluster,control-packet,records,sockets}.test.ts',
  'packages/families/vsock/test/{codec,local-cid,loopback}.test.ts',
  'packages/core-native/test/{engine-memory,event-set,ffi,layout,platforms,worker-memory}.test.ts',
  'packages/resolver/test/getaddrinfo-cpython.test.ts',
  'packages/socket/test/{differential/**,files-differential.test.ts}',
  'packages/socket/test/{beyond-python,connections,control-messages,fds,ioctl,siginterrupt,waits}.test.ts',
  'packages/socket/test/promises/{linear,many}.test.ts',
  'packages/socket/test/streams/{differences,fds,net,seqpacket}.test.ts',
];
// What looks at pages, packages, commands and compilers, and what takes the place of other packages: `test:pages`. The others are `test`.
const pages = [
  '{bench,lab,scripts}/test/**/*.test.ts',
  'packages/examples/test/**/*.test.ts',
  'packages/drop-ins/*/test/**/*.test.ts',
  'packages/core-native/test/{binaries,loader,stub}.test.ts',
  'packages/family-testkit/test/{broken-families,writing-a-family}.test.ts',
  'packages/socket/test/{docstrings,python-names,sanitizers,types}.test.ts',
];
const exclude = [
  ...configDefaults.exclude,
  ...(sanitized ? withoutSanitizers : []),
  ...(emulated ? withoutEmulator : []),
  ...(process.platform === 'win32' ? ofLinux : []),
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'library',
          include: ['packages/{core-native,resolver,socket}/test/**/*.test.ts'],
          exclude: [...exclude, ...pages],
          // To start a process and load the packages takes longer than most files do.
          isolate: false,
        },
      },
      // Not in the processes of those: a family adds to what an option's or a control message's numbers mean.
      {
        extends: true,
        test: {
          name: 'library-families',
          include: ['packages/{families/*,family-testkit}/test/**/*.test.ts'],
          exclude: [...exclude, ...pages],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'pages', include: pages, exclude } },
    ],
    // The packages are tested as users get them: built, and loaded by Node itself.
    server: { deps: { external: [/\/dist\//] } },
    // A blocking call in a test blocks its whole process.
    pool: 'forks',
    setupFiles: [
      'scripts/test-links.mjs',
      'scripts/test-garbage.mjs',
      ...(limited ? ['scripts/test-limits.mjs'] : []),
      ...(counted ? ['scripts/test-coverage.mjs'] : []),
    ],
    // Many tests wait for something else than a processor.
    maxWorkers: inLab ? 1 : 2 * availableParallelism(),
    // Of one file, at once: those say so whose programs sleep for the most part.
    maxConcurrency: inLab || emulated ? 1 : 4,
    execArgv: ['--expose-gc', ...(inLab ? ['--no-concurrent-recompilation'] : [])],
    isolate: !inLab,
    testTimeout: inLab || process.platform === 'win32' ? 120_000 : 30_000,
    hookTimeout: inLab || process.platform === 'win32' ? 60_000 : 10_000,
    reporters: ['default', './scripts/count-reporter.mjs'],
  },
});
