// A connection that begins in the clear and goes on under TLS, as SMTP does with STARTTLS (RFC 3207): both sides of it.
// usage: starttls.js serve KEY.pem CERTIFICATE.pem [PORT [HOST]]      for one client
//        starttls.js ask HOST PORT CERTIFICATE.pem                    trusts this certificate only
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { connect, TLSSocket } from 'node:tls';
import { createConnection, createServer, type Socket } from '@bsd-sockets/socket/promises';

const TIMEOUT = 10; // seconds for each part before TLS

/** Reads a line from a socket byte by byte: what follows it belongs to TLS. */
async function readLine(socket: Socket<any>): Promise<string> {
  const file = socket.makefile('rb', 0);
  try {
    return `${await file.readline()}`.trimEnd();
  } finally {
    await file.close();
  }
}

async function say(socket: Socket<any>, line: string): Promise<void> {
  await socket.sendall(Buffer.from(`${line}\r\n`));
}

/** Lines of a stream that is all text from here on. */
class Lines {
  private readonly lines: AsyncIterator<string>;
  private readonly stream: Duplex;
  private readonly reader: Interface;

  constructor(stream: Duplex) {
    this.stream = stream;
    this.reader = createInterface({ input: stream });
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    return (await this.lines.next()).value ?? '';
  }

  say(line: string): void {
    this.stream.write(`${line}\r\n`);
  }
}

async function serve(key: string, certificate: string, port: number, host: string): Promise<void> {
  const listener = await createServer([host, port]);
  console.log('Listening at', listener.getsockname());
  const [socket] = await listener.accept();
  listener.close();
  socket.settimeout(TIMEOUT);
  await say(socket, '220 ready');
  while ((await readLine(socket)) !== 'STARTTLS') await say(socket, '250 STARTTLS');
  await say(socket, '220 go ahead');
  const secure = new TLSSocket(socket.toDuplex(), {
    isServer: true,
    key: readFileSync(key),
    cert: readFileSync(certificate),
  });
  const lines = new Lines(secure);
  for (let line = await lines.next(); line !== 'QUIT'; line = await lines.next()) {
    console.log('Under TLS:', line);
    lines.say(`250 ${line.length}`);
  }
  lines.say('221 bye');
  secure.end();
  await once(secure, 'close');
}

async function ask(host: string, port: number, certificate: string): Promise<void> {
  const socket = await createConnection([host, port], { timeout: TIMEOUT });
  console.log(await readLine(socket));
  await say(socket, 'EHLO example');
  console.log(await readLine(socket));
  await say(socket, 'STARTTLS');
  console.log(await readLine(socket));
  const secure = connect({ socket: socket.toDuplex(), ca: readFileSync(certificate), servername: 'localhost' });
  await once(secure, 'secureConnect');
  const lines = new Lines(secure);
  for (const line of ['EHLO again', 'NOOP', 'QUIT']) {
    lines.say(line);
    console.log(await lines.next());
  }
  secure.end();
  await once(secure, 'close');
}

const [, , mode, first = '', second = '', third = '0', host = '127.0.0.1'] = process.argv;
if (mode === 'serve') await serve(first, second, Number(third), host);
else await ask(first, Number(second), third);
