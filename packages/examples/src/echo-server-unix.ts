// An echo server for one client, over a unix socket.
// usage: echo-server-unix.js PATH
import { AF_UNIX, SOCK_STREAM, Socket } from '@bsd-sockets/socket';

const PATH = process.argv[2] ?? '/tmp/echo.socket'; // a file that is not there yet

using s = new Socket(AF_UNIX, SOCK_STREAM);
s.bind(PATH);
s.listen(1);
console.log('Listening at', s.getsockname());

const [conn] = s.accept(); // the client's address is '': it has no name
using _closed = conn;
console.log('Connected');
for (;;) {
  const data = conn.recv(1024);
  if (data.length === 0) break;
  conn.sendall(data);
}
