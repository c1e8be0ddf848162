import { createConnection, createServer, MSG_TRUNC } from '@bsd-sockets/socket';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';

test.skipIf(without('MSG_TRUNC of Linux'))(
  'what MSG_TRUNC throws away on a TCP socket shows as zeros, not as old memory (MSG_TRUNC of Linux)',
  () => {
    using server = createServer(['127.0.0.1', 0]);
    using client = createConnection(server.getsockname(), 10);
    const [connection] = server.accept();
    using _connection = connection;
    for (let turn = 0; turn < 200; turn++) {
      // Memory of this size goes to and fro between these buffers.
      Buffer.allocUnsafeSlow(100_000).fill('secret');
      client.sendall(Buffer.alloc(10, 'x'));
      const received = connection.recv(turn % 2 === 0 ? 10 : 100_000, MSG_TRUNC!);
      expect(received).toEqual(Buffer.alloc(10));
      if (turn % 20 === 0) globalThis.gc!();
    }
  },
);
