import { strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, listens, start } from '../harness/programs.mjs';

const PIPELINED = 5000;
const SINGLE = 1000;

/** What ioredis asks for a connection: its own one does the same with `net.connect`. */
function connectorTo(connect) {
  return class {
    async connect() {
      this.stream = connect();
      return this.stream;
    }
    disconnect() {
      this.stream?.end();
    }
    check() {
      return true;
    }
  };
}

const transport = (name, addressIn) => ({
  client: `ioredis, ${name}`,
  does: `${PIPELINED} SET and GET in pipelines, ${SINGLE} INCR one by one; redis-server`,
  async prepare({ folder, defer }) {
    const path = join(folder, 'redis.sock');
    const port = await freePort();
    const listening = ['--unixsocket', path, '--bind', '127.0.0.1', '--port', port];
    defer(await start('redis-server', [...listening, '--save', '', '--dir', folder], { ready: listens({ path }) }));
    const address = addressIn({ path, host: '127.0.0.1', port });

    return async (way) => {
      const redis = new Redis({ Connector: connectorTo(() => way.connect(address)) });
      await redis.flushall();
      for (let first = 0; first < PIPELINED; first += 1000) {
        const pipeline = redis.pipeline();
        for (let key = first; key < first + 1000; key++) pipeline.set(`key ${key}`, `value ${key}`).get(`key ${key}`);
        const replies = await pipeline.exec();
        strictEqual(replies[1999][1], `value ${first + 999}`);
      }
      for (let count = 1; count <= SINGLE; count++) strictEqual(await redis.incr('counter'), count);
      await redis.quit();
    };
  },
});

export const cases = [
  transport('unix', ({ path }) => ({ path })),
  transport('TCP', ({ host, port }) => ({ host, port })),
];
