// An echo server that a service manager starts when the first client comes, with the sockets already listening:
// sd_listen_fds(3). Started without one, it listens by itself.
// usage: activated-server.js [PORT [HOST]]
import { createServer, Socket } from '@bsd-sockets/socket/promises';

const PORT = Number(process.argv[2] ?? 50007);
const HOST = process.argv[3] ?? '127.0.0.1';
const FIRST_FD = 3;

/** The descriptors that this process was given, with their names. */
function listenFds(): [name: string, fd: number][] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = process.env;
  // What this process starts should not take them for its own.
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete process.env[name];
  if (Number(LISTEN_PID) !== process.pid) return [];
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => [names[index] || 'unknown', FIRST_FD + index]);
}

async function listen(): Promise<[name: string, server: Socket<any>][]> {
  const given = listenFds();
  if (given.length === 0) return [['own', await createServer([HOST, PORT])]];
  // Family, type and protocol are the kernel's to tell.
  return given.map(([name, fileno]) => [name, new Socket<any>({ fileno })]);
}

async function echo(name: string, connection: Socket<any>): Promise<void> {
  using _closed = connection;
  for (;;) {
    const data = await connection.recv(4096);
    if (data.length === 0) return;
    await connection.sendall(Buffer.concat([Buffer.from(`${name} got `), data]));
  }
}

async function serve(name: string, server: Socket<any>): Promise<void> {
  for await (const [connection] of server) {
    echo(name, connection).catch((error: Error) => console.log('A client is lost:', error.message));
  }
}

const servers = await listen();
for (const [name, server] of servers) console.log('Listening as', name, 'at', server.getsockname());
await Promise.all(servers.map(([name, server]) => serve(name, server)));
