// A SOCKS5 proxy (RFC 1928) without authentication: it connects clients to where they ask to go. For trusted networks only.
// usage: socks5-proxy.js [PORT [HOST]]
import {
  AF_INET,
  AF_INET6,
  ConnectionRefusedError,
  createConnection,
  createServer,
  inetNtop,
  inetPton,
  type Socket,
} from '@bsd-sockets/socket/promises';

const PORT = Number(process.argv[2] ?? 1080); // 0 for one that is free
const HOST = process.argv[3] ?? '127.0.0.1';
const TIMEOUT = 10; // seconds that a client has to say what it wants
const VERSION = 5;
const NO_AUTHENTICATION = 0;
const CONNECT = 1;
const Kind = { ipv4: 1, name: 3, ipv6: 4 } as const;
const Reply = { done: 0, failed: 1, refused: 5, command: 7, kind: 8 } as const;

async function exactly(client: Socket<any>, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  for (let have = 0; have < size; ) {
    const received = await client.recvInto(bytes.subarray(have));
    if (received === 0) throw new Error('the client went away');
    have += received;
  }
  return bytes;
}

async function reply(client: Socket<any>, code: number, address: readonly [string, number] = ['0.0.0.0', 0]) {
  const v6 = address[0].includes(':');
  const host = inetPton(v6 ? AF_INET6 : AF_INET, address[0]);
  const port = Buffer.of(address[1] >> 8, address[1] & 0xff);
  await client.sendall(Buffer.concat([Buffer.of(VERSION, code, 0, v6 ? Kind.ipv6 : Kind.ipv4), host, port]));
}

/** Where a client wants to go; undefined if that is more than this proxy can do, which the client is told. */
async function destination(client: Socket<any>): Promise<[host: string, port: number] | undefined> {
  const [, methods] = await exactly(client, 2);
  await exactly(client, methods!);
  await client.sendall(Buffer.of(VERSION, NO_AUTHENTICATION));
  const [, command, , kind] = await exactly(client, 4);
  let host: string;
  if (kind === Kind.ipv4) host = inetNtop(AF_INET, await exactly(client, 4));
  else if (kind === Kind.ipv6) host = inetNtop(AF_INET6, await exactly(client, 16));
  else if (kind === Kind.name) host = `${await exactly(client, (await exactly(client, 1))[0]!)}`;
  else return void (await reply(client, Reply.kind));
  const port = (await exactly(client, 2)).readUInt16BE();
  if (command !== CONNECT) return void (await reply(client, Reply.command));
  return [host, port];
}

/** Passes on what comes, until the end. */
async function pump(from: Socket<any>, to: Socket<any>): Promise<void> {
  for (;;) {
    const data = await from.recv(65536);
    if (data.length === 0) return to.shutdown(1);
    await to.sendall(data);
  }
}

async function serve(client: Socket<any>): Promise<void> {
  using _client = client;
  client.settimeout(TIMEOUT);
  const wanted = await destination(client);
  if (wanted === undefined) return;
  let server: Socket<any>;
  try {
    server = await createConnection(wanted, { timeout: TIMEOUT });
  } catch (error) {
    return reply(client, error instanceof ConnectionRefusedError ? Reply.refused : Reply.failed);
  }
  using _server = server;
  await reply(client, Reply.done, server.getsockname());
  for (const socket of [client, server]) socket.settimeout(null);
  await Promise.all([pump(client, server), pump(server, client)]);
}

const listener = await createServer([HOST, PORT]);
console.log('Listening at', listener.getsockname());
for await (const [client, address] of listener) {
  serve(client).catch((error) => console.log(`${address}: ${error.message}`));
}
