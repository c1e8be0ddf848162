// An HTTP server at an abstract unix socket: a name without a file, which vanishes with the server.
// usage: http-abstract-server.js [NAME]
// Ask it with: curl --abstract-unix-socket NAME http://localhost/path
import { createServer } from 'node:http';
import { AF_UNIX, feed, Socket } from '@bsd-sockets/socket/promises';

const NAME = process.argv[2] ?? 'bsd-sockets-http';

const server = createServer((request, response) => {
  response.write(`${request.method} ${request.url}\n`);
  request.pipe(response); // what came in the body
});

using listener = new Socket(AF_UNIX);
listener.bind(`\0${NAME}`);
listener.listen();
console.log('Serving at', `@${NAME}`);

process.once('SIGTERM', () => {
  listener.close(); // ends the feeding
  server.close(); // requests that are under way are answered
});
await feed(server, listener);
console.log('Closed');
