import { once } from 'node:events';
import { connect, createServer } from '@bsd-sockets/abstract-socket';

const server = createServer((socket) => socket.end('hello'));
server.listen('\0release-check-abstract');
await once(server, 'listening');
const [data] = await once(connect('\0release-check-abstract'), 'data');
console.log(data.toString());
server.close();
