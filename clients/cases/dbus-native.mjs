import { strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import dbus from 'dbus-native';
import { listens, start } from '../harness/programs.mjs';

const CALLS = 1000;

async function startDaemon({ folder, defer }) {
  const path = join(folder, 'bus.sock');
  const file = join(folder, 'bus.conf');
  const policy = '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>';
  writeFileSync(
    file,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=${path}</listen><auth>EXTERNAL</auth>
<policy context="default">${policy}</policy></busconfig>\n`,
  );
  defer(await start('dbus-daemon', [`--config-file=${file}`, '--nofork'], { ready: listens({ path }) }));
  return { path };
}

export const cases = [
  {
    client: 'dbus-native, unix',
    does: `${CALLS} calls, 20 at once; dbus-daemon`,
    async prepare(surroundings) {
      const address = await startDaemon(surroundings);
      const call = {
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
      };

      return async (way) => {
        const bus = dbus.createClient({ stream: way.connect(address) });
        const id = await bus.invoke({ ...call, member: 'GetId' });
        strictEqual(id.length, 32);
        const caller = async () => {
          for (let made = 0; made < CALLS / 20; made++) strictEqual(await bus.invoke({ ...call, member: 'GetId' }), id);
        };
        await Promise.all(Array.from({ length: 20 }, caller));
        bus.connection.end();
        await once(bus.connection, 'close');
      };
    },
  },
];
