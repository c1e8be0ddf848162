import { expect, test } from 'vitest';

const { problemsIn } = await import(new URL('../seams.mjs', import.meta.url).href);

const source = 'packages/socket/src/new.ts';

test.each([
  [
    'packages/core-native/addon/new.cc',
    '#include <sys/epoll.h>',
    /^packages\/core-native\/addon\/new\.cc:1: names epoll/,
  ],
  ['packages/core-native/addon/stub/new.cc', 'int a;\n#include <linux/can.h>', /new\.cc:2: names epoll/],
  [source, "readFileSync('/proc/self/maps')", /names epoll, \/proc/],
  [source, 'memory.readUInt32LE(4)', /use LITTLE_ENDIAN/],
  [source, 'view.setBigUint64(\n  at(0),\n  1n,\n  true,\n)', /use LITTLE_ENDIAN/],
  [source, "if (process.platform === 'linux') {}", /tests process\.platform/],
])('%s with %j breaks a seam', (path, text, problem) => {
  expect(problemsIn(path, text)).toEqual([expect.stringMatching(problem)]);
});

test.each([
  ['comments', '/* epoll(7)\n linux/can.h */\n// /proc/self/fd\nconst a = 1;'],
  ['the byte order of the machine', 'view.setUint32(0, 1, LITTLE_ENDIAN); view.getUint16(at(true));'],
  ['the name of the platform', `throw new Error(\`\${process.platform} has none\`)`],
])('%s break none', (_, text) => {
  expect(problemsIn(source, text)).toEqual([]);
});

test('an exception that is needed no more is one too many', () => {
  expect(problemsIn('packages/core-native/src/loader.ts', '')).toEqual([
    expect.stringMatching(/no exception any more/),
  ]);
});
