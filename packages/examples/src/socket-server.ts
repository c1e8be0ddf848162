// What Python's socketserver does: a handler for each request, over TCP and over UDP at one port. This one answers each line,
// or datagram, in capitals. An error ends one request, SIGTERM the server.
// usage: socket-server.js [PORT [HOST]]
import { AF_INET, createServer, type InetAddress, SOCK_DGRAM, Socket } from '@bsd-sockets/socket/promises';

const TIMEOUT = 5; // seconds that a client has for each line

/** A ThreadingTCPServer with a StreamRequestHandler: the handlers run beside each other, each on its own connection. */
async function serveStreams(server: Socket, handle: (request: Socket) => Promise<void>): Promise<void> {
  for await (const [request, address] of server) {
    request.settimeout(TIMEOUT);
    handle(request)
      .catch((error) => handleError(error, address))
      .finally(() => request.close());
  }
}

/** A UDPServer with a DatagramRequestHandler: what the handler returns is sent back. */
async function serveDatagrams(server: Socket, handle: (data: Buffer) => Buffer): Promise<void> {
  for await (const [data, address] of server.datagrams()) {
    await server.sendto(handle(data), address).catch((error) => handleError(error, address));
  }
}

function handleError(error: Error, address: InetAddress): void {
  console.log('Failed:', address[0], error.name);
}

const capitals = (data: Buffer) => Buffer.from(`${data}`.toUpperCase());

async function lines(request: Socket): Promise<void> {
  for await (const line of request.makefile('rb')) await request.sendall(capitals(line));
}

const [, , port = '50007', host = '127.0.0.1'] = process.argv;
await using tcp = await createServer([host, Number(port)]);
await using udp = new Socket(AF_INET, SOCK_DGRAM);
udp.bind(tcp.getsockname());
process.once('SIGTERM', () => {
  tcp.close();
  udp.close();
});
console.log('Listening at', tcp.getsockname());
await Promise.all([serveStreams(tcp, lines), serveDatagrams(udp, capitals)]);
