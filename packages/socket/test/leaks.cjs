// Uses all kinds of memory that the addon takes, in two threads, and ends.
const { getaddrinfo, OSError, promises, Socket, socketpair } = require('@bsd-sockets/socket');
const { native } = require('@bsd-sockets/core-native');
const { isMainThread, Worker } = require('node:worker_threads');

for (let round = 0; round < 50; round++) {
  const [a, b] = socketpair();
  a.sendall(Buffer.alloc(1000));
  b.recv(1000);
  a.dup().close();
  a.close();
  b.close();
  getaddrinfo('127.0.0.1', 80);
  native.strerror(round);
  try {
    new Socket(round + 1000);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
  }
}
const [a, b] = promises.socketpair();
b.send(Buffer.alloc(10));
Promise.all([a.recv(10), promises.getaddrinfo('127.0.0.1', 80)]).then(() => {
  for (const socket of [a, b]) socket.close();
});
if (isMainThread) new Worker(__filename).on('exit', () => console.log('done'));
