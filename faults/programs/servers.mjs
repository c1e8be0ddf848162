// A server without descriptors left goes on once there are some, and says so meanwhile; it neither ends nor spins.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer as netServer } from 'node:net';
import * as blocking from '@bsd-sockets/socket';
import { createServer, feed } from '@bsd-sockets/socket/promises';
import { later, trial } from './trial.mjs';

execFileSync('prlimit', ['--pid', `${process.pid}`, '--nofile=64']);

/** Takes all descriptors that are left: what gives them back. */
function takeDescriptors() {
  const taken = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null'));
    } catch {
      return () => {
        for (const fd of taken) closeSync(fd);
      };
    }
  }
}

const servers = {
  'for await': (listener, open) =>
    (async () => {
      for await (const [connection] of listener) open.push(connection);
    })(),
  feed: (listener, open) =>
    feed(
      netServer().on('connection', (stream) => open.push(stream)),
      listener,
    ),
};

for (const [name, serve] of Object.entries(servers)) {
  await trial(`without descriptors: ${name}`, async (expect) => {
    const listener = await createServer(['127.0.0.1', 0]);
    const open = [];
    let over;
    const served = serve(listener, open).then(
      () => (over = 'it ended'),
      (error) => (over = error.message),
    );
    await later(20);
    const clients = Array.from({ length: 3 }, () => new blocking.Socket());
    const giveBack = takeDescriptors();
    for (const client of clients) client.connect(listener.getsockname());
    const before = process.cpuUsage();
    await later(500);
    const { user, system } = process.cpuUsage(before);
    expect(over === undefined, `${over}`);
    expect(user + system < 100_000, `${(user + system) / 500} ms of processor time a second`);
    giveBack();
    for (let turns = 0; open.length < clients.length && turns < 100; turns++) await later(20);
    expect(open.length === clients.length, `${open.length} of ${clients.length} connections are served`);
    for (const end of [listener, ...clients]) end.close();
    for (const end of open) end.destroy?.() ?? end.close?.();
    await served;
  });
}
process.exit();
