// An echo server for one client, over the first of IPv6 and IPv4 that this host can listen at.
// usage: echo-server-any.js [PORT [HOST]]
import { AF_UNSPEC, AI_PASSIVE, getaddrinfo, OSError, SOCK_STREAM, Socket } from '@bsd-sockets/socket';

const PORT = Number(process.argv[2] ?? 50007); // any port above 1023; 0 for one that is free
const HOST = process.argv[3] ?? null; // all interfaces

function listen() {
  for (const [family, type, proto, , address] of getaddrinfo(HOST, PORT, AF_UNSPEC, SOCK_STREAM, 0, AI_PASSIVE)) {
    let s: Socket<typeof family> | undefined;
    try {
      s = new Socket(family, type, proto);
      s.bind(address);
      s.listen(1);
      return s;
    } catch (error) {
      s?.close();
      if (!(error instanceof OSError)) throw error;
    }
  }
  throw new Error('could not open a socket');
}

using s = listen();
console.log('Listening at', s.getsockname());

const [conn, addr] = s.accept();
using _closed = conn;
console.log('Connected by', addr);
for (;;) {
  const data = conn.recv(1024);
  if (data.length === 0) break;
  conn.sendall(data);
}
