import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { runProgram } from './program';

const promises = createRequire(import.meta.url).resolve('@bsd-sockets/socket/promises');

test('each evaluation of the JavaScript has a set to wait with, which is given back when it is forgotten', async () => {
  // As Jest does for each test file: the modules are evaluated anew, the addon stays. Jest also takes setImmediate away.
  const { said, stderr } = await runProgram(
    `const { createRequire } = require('node:module');
     const { setTimeout } = require('node:timers/promises');
     const path = args[0];
     const { setImmediate: kept } = globalThis;
     const evaluate = async () => {
       for (const file of Object.keys(require.cache)) if (!file.endsWith('.node')) delete require.cache[file];
       // A module keeps all that it has required.
       const { socketpair } = createRequire(path)(path);
       const [a, b] = socketpair();
       const received = a.recv(10);
       await setTimeout(0);
       await b.send(Buffer.from('x'));
       if (String(await received) !== 'x') throw new Error('lost');
       // Budget and all: what is postponed comes too.
       for (let time = 0; time < 100; time++) await a.send(Buffer.from('x')), await b.recv(1);
       a.close();
       b.close();
     };
     const collect = async () => {
       for (let time = 0; time < 3; time++) {
         gc();
         await setTimeout(10);
       }
     };
     (async () => {
       delete globalThis.setImmediate;
       for (let time = 0; time < 10; time++) await evaluate();
       await collect();
       const before = descriptors();
       const memory = process.memoryUsage().rss;
       const count = Number(args[1]);
       for (let time = 1; time <= count; time++) {
         await evaluate();
         if (time % 20 === 0) await collect();
       }
       globalThis.setImmediate = kept;
       await collect();
       say(opened(before));
       say((process.memoryUsage().rss - memory) / 2 ** 20 < 50);
     })();`,
    { args: [promises, 60], flags: ['--expose-gc'] },
  );
  // AddressSanitizer keeps freed memory.
  const spared = process.env.BSD_SOCKETS_SANITIZE === undefined ? true : expect.any(Boolean);
  expect({ said, stderr }).toEqual({ said: [0, spared], stderr: '' });
});
