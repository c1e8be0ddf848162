import { strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import dbus from 'dbus-native';
import { startDbusDaemon } from '../harness/dbus-daemon.mjs';
import { SHORT_MESSAGES } from '../harness/limits.mjs';

const CALLS = 1000;
const FILES = 100;

/** A client of the bus that has a name. */
async function connected(stream) {
  const bus = dbus.createClient({ stream });
  await once(bus.connection, 'connect');
  await bus.getId();
  return bus;
}

async function disconnected(bus) {
  bus.connection.end();
  await once(bus.connection, 'close');
}

export const cases = [
  {
    client: 'dbus-native, unix',
    does: `${CALLS} calls, 20 at once; dbus-daemon`,
    limit: SHORT_MESSAGES,
    async prepare(surroundings) {
      const { path } = await startDbusDaemon(surroundings);
      const address = { path };
      const call = {
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
      };

      return async (way) => {
        const bus = await connected(way.connect(address));
        const id = await bus.invoke({ ...call, member: 'GetId' });
        strictEqual(id.length, 32);
        const caller = async () => {
          for (let made = 0; made < CALLS / 20; made++) strictEqual(await bus.invoke({ ...call, member: 'GetId' }), id);
        };
        await Promise.all(Array.from({ length: 20 }, caller));
        await disconnected(bus);
      };
    },
  },
  {
    client: 'dbus-native, descriptors',
    does: `${FILES} calls that hand a service the descriptor of a file to read; dbus-daemon`,
    node: false,
    async prepare(surroundings) {
      const { path } = await startDbusDaemon(surroundings);
      const address = { path };
      const file = { path: '/file', interface: 'org.example.File', member: 'Read' };

      return async (way) => {
        const service = await connected(way.connect(address, { fds: true }));
        service.setMethodCallHandler(file.path, file.interface, file.member, [
          (index, { fds }) => {
            const content = readFileSync(fds[index], 'utf8');
            closeSync(fds[index]);
            return content;
          },
          's',
        ]);
        const client = await connected(way.connect(address, { fds: true }));
        const read = async (_, number) => {
          const path = join(surroundings.folder, `file ${number}`);
          writeFileSync(path, `content ${number}`);
          const fd = openSync(path);
          const call = { ...file, destination: service.name, signature: 'h', body: [0], fds: [fd] };
          const answer = client.invoke(call).then((content) => strictEqual(content, `content ${number}`));
          closeSync(fd);
          await answer;
        };
        await Promise.all(Array.from({ length: FILES }, read));
        await disconnected(client);
        await disconnected(service);
      };
    },
  },
];
