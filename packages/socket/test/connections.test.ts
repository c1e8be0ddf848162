import { createServer, SO_LINGER, SOL_SOCKET, Socket } from '@bsd-sockets/socket';
import { expect, test } from 'vitest';
import { openDescriptors } from './open-descriptors';

const TIMES = 10_000;

test('10,000 accepted and closed connections leave no descriptor', () => {
  const before = openDescriptors();
  const server = createServer(['127.0.0.1', 0]);
  const address = server.getsockname();
  // A reset frees the port at once: 10,000 in TIME_WAIT would be a good part of all there are.
  const reset = new Uint8Array(Int32Array.of(1, 0).buffer);
  for (let count = 0; count < TIMES; count++) {
    const client = new Socket();
    client.setsockopt(SOL_SOCKET, SO_LINGER, reset);
    client.connect(address);
    const [connection, peer] = server.accept();
    expect(peer[1]).toBeGreaterThan(0);
    client.close();
    connection.close();
  }
  server.close();
  expect(openDescriptors()).toEqual(before);
});

test('10,000 refused connections leave no descriptor', () => {
  const server = createServer(['127.0.0.1', 0]);
  const address = server.getsockname();
  server.close();
  const before = openDescriptors();
  let refused = 0;
  for (let count = 0; count < TIMES; count++) {
    const client = new Socket();
    try {
      client.connect(address);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') refused++;
    } finally {
      client.close();
    }
  }
  expect(refused).toBe(TIMES);
  expect(openDescriptors()).toEqual(before);
});
