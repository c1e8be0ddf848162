// A server that is replaced without losing a connection. Start it a second time with the same PATH: the new process takes
// the listening socket over from the old one, which then ends. Connections that nobody has accepted yet wait in the
// kernel meanwhile, since the socket is open all the time.
// The sockets go to processes of the same user only, and come from them only.
// usage: handover-server.js [PATH [PORT [HOST]]]
import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  AF_UNIX,
  BlockingIOError,
  ConnectionRefusedError,
  createServer,
  FileNotFoundError,
  OSError,
  options,
  recvFds,
  Socket,
  select,
  sendFds,
} from '@bsd-sockets/socket';

// Where the next process asks for the sockets: in a folder of the user's own, where nobody else can bind first.
const PATH = process.argv[2] ?? join(process.env.XDG_RUNTIME_DIR ?? homedir(), 'handover.socket');
const PORT = Number(process.argv[3] ?? 50007);
const HOST = process.argv[4] ?? '127.0.0.1';
const TIMEOUT = 5; // seconds that a peer has for its part

/** Where clients connect, and where the next process does. */
type Listeners = [clients: Socket, successors: Socket<typeof AF_UNIX>];

/** Whether a peer runs as the same user, which the kernel tells. */
function isOurs(peer: Socket<typeof AF_UNIX>): boolean {
  return peer.getOption(options.SO_PEERCRED).uid === process.getuid!();
}

/** The sockets of the process that serves now; undefined if there is none. */
function takeOver(): Listeners | undefined {
  using old = new Socket(AF_UNIX);
  old.settimeout(TIMEOUT);
  try {
    old.connect(PATH);
  } catch (error) {
    if (error instanceof FileNotFoundError || error instanceof ConnectionRefusedError) return undefined;
    throw error;
  }
  if (!isOurs(old)) throw new Error(`another user listens at ${PATH}`);
  const [, fds] = recvFds(old, 1, 2);
  const listeners = fds.map((fileno) => new Socket<any>({ fileno })) as Listeners;
  old.sendall(Buffer.from('r')); // ready: the old process accepts no more
  return listeners;
}

function listen(): Listeners {
  rmSync(PATH, { force: true }); // of a process that crashed
  const successors = new Socket(AF_UNIX);
  successors.bind(PATH);
  successors.listen();
  return [createServer([HOST, PORT]), successors];
}

/** Gives the sockets to the next process, and returns whether it has taken them. */
function handOver([clients, successors]: Listeners): boolean {
  const [successor] = successors.accept();
  using _closed = successor;
  if (!isOurs(successor)) return false;
  successor.settimeout(TIMEOUT);
  try {
    sendFds(successor, [Buffer.from('s')], [clients.fileno(), successors.fileno()]);
    return successor.recv(1).length > 0;
  } catch (error) {
    if (error instanceof OSError) return false;
    throw error;
  }
}

/** Answers a client with what it sent. */
function serve(clients: Socket): void {
  try {
    const [client] = clients.accept();
    using _closed = client;
    client.settimeout(TIMEOUT);
    client.sendall(Buffer.concat([Buffer.from(`${process.pid} got `), client.recv(1024)]));
  } catch (error) {
    // Another process was faster (BlockingIOError), or the client has gone.
    if (!(error instanceof OSError)) throw error;
    if (!(error instanceof BlockingIOError)) console.log('A client is lost:', error.message);
  }
}

const listeners = takeOver() ?? listen();
const [clients, successors] = listeners;
clients.setblocking(false); // both processes may see the same client come
console.log('Serving at', clients.getsockname());
for (;;) {
  const [ready] = select(listeners, [], []);
  if (ready.includes(successors) && handOver(listeners)) break;
  if (ready.includes(clients)) serve(clients);
}
for (const socket of listeners) socket.close(); // the next process has its own descriptors of them
console.log('Handed over');
