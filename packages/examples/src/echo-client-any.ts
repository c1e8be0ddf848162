// Says hello to an echo server, at the first of the host's addresses that answers, be it IPv6 or IPv4.
// usage: echo-client-any.js [PORT [HOST]]
import { AF_UNSPEC, getaddrinfo, OSError, SOCK_STREAM, Socket } from '@bsd-sockets/socket';

const PORT = Number(process.argv[2] ?? 50007); // the server's
const HOST = process.argv[3] ?? 'localhost';

// createConnection([HOST, PORT]) does the same.
function connect() {
  for (const [family, type, proto, , address] of getaddrinfo(HOST, PORT, AF_UNSPEC, SOCK_STREAM)) {
    let s: Socket<typeof family> | undefined;
    try {
      s = new Socket(family, type, proto);
      s.connect(address);
      return s;
    } catch (error) {
      s?.close();
      if (!(error instanceof OSError)) throw error;
    }
  }
  throw new Error('could not connect');
}

using s = connect();
s.sendall(Buffer.from('Hello, world'));
const data = s.recv(1024);
console.log('Received', data.toString());
