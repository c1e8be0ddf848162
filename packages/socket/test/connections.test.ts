import { readdirSync } from 'node:fs';
import { createServer, SO_LINGER, SOL_SOCKET, Socket } from '@bsd-sockets/socket';
import { expect, test } from 'vitest';

const TIMES = 10_000;

function descriptors(): string[] {
  return readdirSync('/proc/self/fd');
}

test('10,000 accepted and closed connections leave no descriptor', () => {
  const before = descriptors();
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
  expect(descriptors()).toEqual(before);
});

test('10,000 refused connections leave no descriptor', () => {
  const server = createServer(['127.0.0.1', 0]);
  const address = server.getsockname();
  server.close();
  const before = descriptors();
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
  expect(descriptors()).toEqual(before);
});
