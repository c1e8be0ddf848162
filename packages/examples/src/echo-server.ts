// An echo server for one client, over IPv4.
// usage: echo-server.js [PORT [HOST]]
import { AF_INET, SOCK_STREAM, Socket } from '@bsd-sockets/socket';

const PORT = Number(process.argv[2] ?? 50007); // any port above 1023; 0 for one that is free
const HOST = process.argv[3] ?? ''; // all interfaces

using s = new Socket(AF_INET, SOCK_STREAM);
s.bind([HOST, PORT]);
s.listen(1);
console.log('Listening at', s.getsockname());

const [conn, addr] = s.accept();
using _closed = conn;
console.log('Connected by', addr);
for (;;) {
  const data = conn.recv(1024);
  if (data.length === 0) break;
  conn.sendall(data);
}
