// Sends a datagram to an echo server, prints the answer, and ends the server with an empty one.
// usage: echo-udp-client.js [PORT [HOST]]
import { AF_INET, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';

const PORT = Number(process.argv[2] ?? 50007); // the server's
const HOST = process.argv[3] ?? 'localhost';

using s = new Socket(AF_INET, SOCK_DGRAM);
s.settimeout(5); // a datagram may get lost
s.connect([HOST, PORT]);
s.send(Buffer.from('Hello, world'));
const data = s.recv(65535);
console.log('Received', data.toString());
s.send(Buffer.alloc(0));
