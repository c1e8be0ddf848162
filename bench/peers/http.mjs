// http ours|node-net: an http.Server, fed by our sockets or by its own, which writes its port to its standard output. Its
// answers end with a byte that is 0.
import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end('hello\0'));
server.keepAliveTimeout = 0; // the load pauses while others are measured

if (process.argv[2] === 'ours') {
  // The other should have nothing of ours, which keeps freed memory for all.
  const { feed, createServer: listen } = await import('@bsd-sockets/socket/promises');
  const listener = await listen(['127.0.0.1', 0], { backlog: 4096 });
  console.log(listener.getsockname()[1]);
  await feed(server, listener);
} else {
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => console.log(server.address().port));
}
