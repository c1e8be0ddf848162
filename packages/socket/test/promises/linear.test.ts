import { describe, expect, test } from 'vitest';
import { runProgram } from '../program';

/** The processor time in milliseconds that work of this size takes, the least of three. */
const PRELUDE = `
const promises = require(process.argv[1].replace('index.js', 'promises.js'));
const least = async (work, size) => {
  let best = Infinity;
  for (let round = 0; round < 3; round++) best = Math.min(best, await work(size));
  return best;
};
const used = (before) => { const { user, system } = process.cpuUsage(before); return (user + system) / 1000; };
`;

// Each takes what the size says, and tells the processor time.
const works: [what: string, sizes: [number, number], work: string][] = [
  [
    'readline of bytes that come one by one',
    [2_000, 16_000],
    `const [a, b] = promises.socketpair();
     const file = a.makefile('rb');
     const line = file.readline();
     const before = process.cpuUsage();
     for (let count = 1; count < size; count++) { await b.send(Buffer.from('x')); if (count % 16 === 0) await new Promise(setImmediate); }
     await b.send(Buffer.from('\\n'));
     if ((await line).length !== size) throw new Error('too short');
     const time = used(before);
     for (const socket of [file, a, b]) await socket.close();
     return time;`,
  ],
  [
    'readline of characters that come one by one',
    [2_000, 16_000],
    `const [a, b] = promises.socketpair();
     const file = a.makefile('r');
     const line = file.readline();
     const before = process.cpuUsage();
     for (let count = 1; count < size; count++) { await b.send(Buffer.from('x')); if (count % 16 === 0) await new Promise(setImmediate); }
     await b.send(Buffer.from('\\n'));
     if ((await line).length !== size) throw new Error('too short');
     const time = used(before);
     for (const socket of [file, a, b]) await socket.close();
     return time;`,
  ],
  [
    'read of characters of two units that come one by one',
    [2_000, 16_000],
    `const [a, b] = promises.socketpair();
     const file = a.makefile('r');
     const text = file.read(size);
     const before = process.cpuUsage();
     for (let count = 1; count <= size; count++) { await b.send(Buffer.from('\u{1f600}')); if (count % 16 === 0) await new Promise(setImmediate); }
     if ((await text).length !== 2 * size) throw new Error('too short');
     const time = used(before);
     for (const socket of [file, a, b]) await socket.close();
     return time;`,
  ],
  [
    'readlines of lines that come one by one',
    [2_000, 16_000],
    `const [a, b] = promises.socketpair();
     const file = a.makefile('rb');
     const lines = file.readlines(2 * size - 1);
     const before = process.cpuUsage();
     for (let count = 0; count < size; count++) { await b.send(Buffer.from('x\\n')); if (count % 4 === 0) await new Promise(setImmediate); }
     if ((await lines).length !== size) throw new Error('too few');
     const time = used(before);
     for (const socket of [file, a, b]) await socket.close();
     return time;`,
  ],
  [
    'the end of receives by close',
    [5_000, 40_000],
    `const [a, b] = promises.socketpair();
     const all = Array.from({ length: size }, () => a.recv(1).catch(() => {}));
     const before = process.cpuUsage();
     a.close();
     await Promise.all(all);
     b.close();
     return used(before);`,
  ],
  [
    'the end of receives by one signal',
    [5_000, 40_000],
    `const [a, b] = promises.socketpair();
     const controller = new AbortController();
     const before = process.cpuUsage();
     const all = Array.from({ length: size }, () => a.recv(1, 0, { signal: controller.signal }).catch(() => {}));
     controller.abort();
     await Promise.all(all);
     for (const socket of [a, b]) socket.close();
     return used(before);`,
  ],
  [
    'the end of receives by signals of their own, the last first',
    [1_500, 12_000],
    `const [a, b] = promises.socketpair();
     const controllers = Array.from({ length: size }, () => new AbortController());
     const all = controllers.map(({ signal }) => a.recv(1, 0, { signal }).catch(() => {}));
     const before = process.cpuUsage();
     for (const controller of controllers.reverse()) controller.abort();
     await Promise.all(all);
     for (const socket of [a, b]) socket.close();
     return used(before);`,
  ],
];

describe.each(works)('%s', (_what, [few, many], work) => {
  test('takes time in proportion', async () => {
    const { said, stderr } = await runProgram(
      `${PRELUDE}
       const work = async (size) => {${work}};
       (async () => {
         const small = await least(work, ${few});
         const large = await work(${many});
         say([small, large]);
         process.exit();
       })();`,
    );
    expect(stderr).toBe('');
    const [small, large] = said[0];
    // Eight times the work: quadratic would be 64 times the time.
    expect(large).toBeLessThan(40 * Math.max(small, 5));
  });
});
