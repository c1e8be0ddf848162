import { spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { POLLIN, poll, type Socket, select, socketpair } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { READABLE } from './platform';

/** A pair of which the first has a byte to read, wrapped in objects as others make them. */
function ready(): { sockets: Socket<any>[]; stream: { readonly fd: number } } {
  const sockets = socketpair();
  sockets[1]!.send(Buffer.of(1));
  return { sockets, stream: { fd: sockets[0]!.fileno() } };
}

test('select takes an object with fd, and gives it back', async () => {
  const { sockets, stream } = ready();
  const idle = { fd: sockets[1]!.fileno() };
  expect(select([stream, idle], [], [], 1)).toEqual([[stream], [], []]);
  expect(await promises.select([stream, idle], [], [], 1)).toEqual([[stream], [], []]);
  for (const socket of sockets) socket.close();
});

test('poll takes an object with fd', async () => {
  const { sockets, stream } = ready();
  for (const poller of [poll(), promises.poll()]) {
    poller.register(stream, POLLIN);
    expect(await poller.poll(1)).toEqual([[stream.fd, READABLE]]);
    poller.unregister(stream);
    expect(await poller.poll(0)).toEqual([]);
  }
  for (const socket of sockets) socket.close();
});

test.skipIf(without('poll of files'))(
  'a FileHandle is waited for, and refused once it is closed (poll of files)',
  async () => {
    const file = await open(fileURLToPath(import.meta.url));
    expect(select([file], [], [], 1)[0]).toEqual([file]);
    expect((await promises.select([file], [], [], 1))[0]).toEqual([file]);
    await file.close();
    expect(() => select([file], [], [], 0)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  },
);

const SOCKET = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const PROMISES = fileURLToPath(new URL('../dist/promises.js', import.meta.url));

test.skipIf(without('poll of files')).each([SOCKET, PROMISES])(
  'process.stdin is waited for beside a socket: %# (poll of files)',
  (face) => {
    const code = `
    const { select, socketpair } = require(${JSON.stringify(face)});
    (async () => {
      const [one] = socketpair();
      const [[found]] = await select([one, process.stdin], [], [], 5);
      console.log(found === process.stdin);
      process.exit();
    })();`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { input: 'text', encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['true\n', '']);
  },
);

test('what has no descriptor is refused by its name', () => {
  for (const value of [{}, { fd: '1' }, { fd: null }, 'text', null, () => 1]) {
    expect(() => select([value as never], [], [], 0)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(
          /^rlist\[0\]: expected a descriptor, or an object with a fileno\(\) method or an fd, got /,
        ),
      }),
    );
  }
});
