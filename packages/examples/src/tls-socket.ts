// TLS on blocking sockets, as Python's SSLContext.wrap_socket gives it: a worker runs Node's own TLS between the network and one
// end of a socket pair. The program has the other end, an ordinary socket.
// usage: tls-socket.js serve KEY.pem CERTIFICATE.pem [PORT [HOST]]      answers lines in capitals, for one client
//        tls-socket.js ask HOST PORT CERTIFICATE.pem                    trusts this certificate only
import { readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { connect, TLSSocket, type TLSSocketOptions } from 'node:tls';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { createConnection, createServer, type Socket, socketpair } from '@bsd-sockets/socket';
import { Socket as AsyncSocket } from '@bsd-sockets/socket/promises';

interface Sides {
  network: number;
  plain: number;
  options: TLSSocketOptions & { servername?: string };
}

/** Goes on under TLS: `options` are those of node:tls, with `isServer` for `server_side=True`. The socket is taken over. */
function wrapSocket(socket: Socket<any>, options: Sides['options']): Socket<any> {
  const [ours, theirs] = socketpair();
  const sides: Sides = { network: socket.detach(), plain: theirs.detach(), options };
  new Worker(new URL(import.meta.url), { workerData: sides });
  using file = ours.makefile('rb', 0);
  const refusal = `${file.readline()}`;
  if (refusal === '\n') return ours;
  ours.close();
  throw new Error(refusal.trim() || 'the peer has closed the connection');
}

/** In the worker, which ends with the connection. Its first line says how the handshake has ended. */
function runTls({ network, plain, options }: Sides): void {
  const socket = new AsyncSocket({ fileno: network }).toDuplex();
  const clear = new AsyncSocket({ fileno: plain }).toDuplex();
  const secure = options.isServer ? new TLSSocket(socket, options) : connect({ ...options, socket });
  const refuse = (error?: Error) => clear.end(error ? `${error.message}\n` : '');
  secure.once('error', refuse).once('close', refuse);
  secure.once(options.isServer ? 'secure' : 'secureConnect', () => {
    secure.off('error', refuse).off('close', refuse);
    clear.write('\n');
    // When one side breaks, so does the other.
    pipeline(clear, secure, clear).catch(() => {});
  });
}

function serve(key: string, certificate: string, port: number, host: string): void {
  using listener = createServer([host, port]);
  console.log('Listening at', listener.getsockname());
  const [socket] = listener.accept();
  using secure = wrapSocket(socket, { isServer: true, key: readFileSync(key), cert: readFileSync(certificate) });
  using lines = secure.makefile('r');
  for (const line of lines) secure.sendall(Buffer.from(line.toUpperCase()));
}

function ask(host: string, port: number, certificate: string): void {
  const socket = createConnection([host, port], { timeout: 10 });
  using secure = wrapSocket(socket, { ca: readFileSync(certificate), servername: 'localhost' });
  using lines = secure.makefile('r');
  for (const word of ['hello', 'blocking']) {
    secure.sendall(Buffer.from(`${word}\n`));
    console.log(lines.readline().trimEnd());
  }
}

const [, , mode, first = '', second = '', third = '0', host = '127.0.0.1'] = process.argv;
if (!isMainThread) runTls(workerData);
else if (mode === 'serve') serve(first, second, Number(third), host);
else ask(first, Number(second), third);
