import {
  type BinaryFile,
  createConnection,
  createServer,
  DefaultSelector,
  feed,
  poll,
  recvFds,
  Socket,
  select,
  sendFds,
} from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { promisePair } from '../platform';

/** More than may end without a wait before others have their turn. */
const MANY = 1000;

const signal = AbortSignal.abort();
const bad = 'x' as never;

/** What calls are made on. */
interface Subjects {
  socket: Socket;
  selector: DefaultSelector;
  file: BinaryFile;
  closed: BinaryFile;
}

const calls: Record<string, (subjects: Subjects) => Promise<unknown>> = {
  'select with an aborted signal': ({ socket }) => select([socket], [], [], { signal }),
  'select of what has no descriptor': () => select([bad], [], []),
  'poll with an aborted signal': () => poll().poll({ signal }),
  'poll with a bad timeout': () => poll().poll(bad),
  'a selector with an aborted signal': ({ selector }) => selector.select({ signal }),
  'createConnection with an aborted signal': () => createConnection(['127.0.0.1', 1], { signal }),
  'createConnection without an address': () => createConnection(bad),
  'createServer with bad options': () => createServer(['127.0.0.1', 0], bad),
  'sendFds of none': ({ socket }) => sendFds(socket, [], [bad]),
  'recvFds of less than none': ({ socket }) => recvFds(socket, 1, -1),
  'sendmsgAfalg of another family': ({ socket }) => socket.sendmsgAfalg([], { op: 1 }),
  'feed of no server': ({ socket }) => feed(bad, socket),
  'toNetServer of no server': ({ socket }) => socket.toNetServer(bad),
  'chunks of less than nothing': ({ socket }) => socket.chunks({ bufsize: -1 }).next(),
  'the end of an await using scope': () => new Socket()[Symbol.asyncDispose](),
  'write with an aborted signal': ({ file }) => file.write(bad, { signal }),
  'flush with an aborted signal': ({ file }) => file.flush({ signal }),
  'writelines of none': ({ file }) => file.writelines([]),
  'writelines of a closed file': ({ closed }) => closed.writelines([]),
  'peek with a bad size': ({ file }) => file.peek(bad),
  'detach with an aborted signal': ({ file }) => file.detach({ signal }),
};

test.each(Object.entries(calls))('%s lets others have their turn', async (_name, call) => {
  const [socket, peer] = promisePair();
  const selector = new DefaultSelector();
  const file = socket.makefile('rwb');
  const closed = socket.makefile('rwb');
  await closed.close();
  let turn = false;
  setImmediate(() => {
    turn = true;
  });
  for (let count = 0; count < MANY && !turn; count++) {
    await call({ socket, selector, file, closed }).catch(() => {});
  }
  expect(turn).toBe(true);
  await file.close();
  for (const one of [selector, socket, peer]) one.close();
});
