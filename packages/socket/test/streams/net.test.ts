import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import net from 'node:net';
import { createServer, Socket } from '@bsd-sockets/socket/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openDescriptors } from '../open-descriptors';

test('a server that fails to listen closes the descriptor, and nobody closes the number once more', async () => {
  await using listener = await createServer(['127.0.0.1', 0]);
  const connected = new Socket();
  await connected.connect(listener.getsockname());
  const fd = connected.fileno();
  // The server listens at once, and reports in the next turn: the number is free in between.
  const failing = connected.toNetServer(net.createServer());
  const file = openSync('/dev/null', 'r');
  expect(file).toBe(fd);
  await expect(failing).rejects.toMatchObject({ code: 'EINVAL', syscall: 'listen' });
  expect(fstatSync(file).isCharacterDevice()).toBe(true);
  closeSync(file);
});

test('what a server does not take over is closed', async () => {
  const busy = net.createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  onTestFinished(() => void busy.close());
  const before = openDescriptors();
  const socket = await createServer(['127.0.0.1', 0]);
  await expect(socket.toNetServer(busy)).rejects.toMatchObject({ code: 'ERR_SERVER_ALREADY_LISTEN' });
  expect(openDescriptors()).toEqual(before);
});

test('what is no server leaves the socket as it was', async () => {
  const listener = await createServer(['127.0.0.1', 0]);
  for (const server of [undefined, null, 5, {}]) {
    await expect(listener.toNetServer(server as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringMatching(/^server: expected a server, got /),
    });
  }
  expect(listener.fileno()).toBeGreaterThan(0);
  listener.close();
});
