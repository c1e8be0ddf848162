// An echo server on node:net, which writes its port to its standard output.
import { createServer } from 'node:net';
import { noteDelayAtEnd } from './event-loop-delay.mjs';

const beginAnew = noteDelayAtEnd();
const server = createServer((connection) => {
  beginAnew(); // connecting is no part of what is measured
  connection.on('data', (data) => connection.write(data));
  connection.on('error', () => {});
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => console.log(server.address().port));
