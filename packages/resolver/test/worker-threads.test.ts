import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

// What one thread is told must not come from the memory of another one's lookup.
test('threads that look up different things at once get what they asked for', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const r = require(workerData.resolver);
    const mine = '127.0.0.' + workerData.number;
    const wrong = [];
    const name = r.getservbyport(workerData.port);
    for (let count = 0; count < (process.platform === 'win32' ? 30 : 300); count++) {
      const [host, , [address]] = r.gethostbynameEx(mine);
      if (host !== mine || address !== mine) wrong.push([host, address]);
      if (r.getservbyport(workerData.port) !== name) wrong.push(name);
      if (r.getservbyname(name) !== workerData.port) wrong.push(workerData.port);
      if (r.getnameinfo([mine, count], r.NI_NUMERICHOST | r.NI_NUMERICSERV).join() !== mine + ',' + count) wrong.push(count);
    }
    parentPort.postMessage(wrong);`;
  const resolver = createRequire(import.meta.url).resolve('@bsd-sockets/resolver');
  const answers = [7, 22, 25, 80].map((port, index) => {
    const worker = new Worker(program, { eval: true, workerData: { resolver, port, number: 10 + index } });
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  expect(await Promise.all(answers)).toEqual([[], [], [], []]);
});
