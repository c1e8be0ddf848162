// Says hello to an echo server, over a unix socket.
// usage: echo-client-unix.js PATH
import { AF_UNIX, SOCK_STREAM, Socket } from '@bsd-sockets/socket';

const PATH = process.argv[2] ?? '/tmp/echo.socket'; // the server's

using s = new Socket(AF_UNIX, SOCK_STREAM);
s.connect(PATH);
s.sendall(Buffer.from('Hello, world'));
const data = s.recv(1024);
console.log('Received', data.toString());
