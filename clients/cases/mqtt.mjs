import { strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MqttClient } from 'mqtt';
import WebSocket, { createWebSocketStream } from 'ws';
import { freePort, listens, start } from '../harness/programs.mjs';

const MESSAGES = 1000;

const transport = (name, addressIn, streamOver) => ({
  client: `mqtt, ${name}`,
  does: `publish ${MESSAGES} messages of 256 bytes with QoS 1, and receive them; mosquitto`,
  async prepare({ folder, defer }) {
    const path = join(folder, 'mqtt.sock');
    const port = await freePort();
    const lines = [
      'allow_anonymous true',
      'user root',
      'max_queued_messages 0',
      `listener 0 ${path}`,
      `listener ${port} 127.0.0.1`,
      'protocol websockets',
    ];
    writeFileSync(join(folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
    defer(await start('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { ready: listens({ path }) }));
    const address = addressIn({ path, host: '127.0.0.1', port });

    return async (way) => {
      const client = new MqttClient(() => streamOver(way.connect(address)), { reconnectPeriod: 0, protocolVersion: 5 });
      await once(client, 'connect');
      await client.subscribeAsync('numbers', { qos: 1 });
      let received = 0;
      const all = new Promise((resolve) => {
        client.on('message', (_topic, payload) => {
          strictEqual(payload.readUInt32BE(), received++);
          if (received === MESSAGES) resolve();
        });
      });
      const published = [];
      for (let number = 0; number < MESSAGES; number++) {
        const payload = Buffer.alloc(256);
        payload.writeUInt32BE(number);
        published.push(client.publishAsync('numbers', payload, { qos: 1 }));
      }
      await Promise.all([all, ...published]);
      await client.endAsync();
    };
  },
});

export const cases = [
  transport(
    'unix',
    ({ path }) => ({ path }),
    (stream) => stream,
  ),
  transport(
    'over ws',
    ({ host, port }) => ({ host, port }),
    (stream) => createWebSocketStream(new WebSocket('ws://localhost', ['mqtt'], { createConnection: () => stream })),
  ),
];
