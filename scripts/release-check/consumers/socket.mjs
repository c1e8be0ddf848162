import { AF_UNIX, createConnection, createServer, Socket } from '@bsd-sockets/socket';
import { Socket as AsyncSocket, createConnection as connect } from '@bsd-sockets/socket/promises';

const server = createServer(['127.0.0.1', 0]);
const client = createConnection(server.getsockname());
const [connection, [host]] = server.accept();
client.sendall(Buffer.from('blocking'));
console.log(connection.recv(100).toString(), host);

const waiting = await connect(server.getsockname());
const [second] = server.accept();
second.sendall(Buffer.from('promised'));
console.log((await waiting.recv(100)).toString());
for (const socket of [server, client, connection, waiting, second]) socket.close();
console.log(new Socket(AF_UNIX).close(), typeof AsyncSocket);
