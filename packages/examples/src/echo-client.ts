// Says hello to an echo server, over IPv4.
// usage: echo-client.js [PORT [HOST]]
import { AF_INET, SOCK_STREAM, Socket } from '@bsd-sockets/socket';

const PORT = Number(process.argv[2] ?? 50007); // the server's
const HOST = process.argv[3] ?? 'localhost';

using s = new Socket(AF_INET, SOCK_STREAM);
s.connect([HOST, PORT]);
s.sendall(Buffer.from('Hello, world'));
const data = s.recv(1024);
console.log('Received', data.toString());
