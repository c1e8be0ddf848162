// Checked only by the compiler: `Socket` as a type is any socket, of either module, and what may be undefined is typed so.

import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { AF_VSOCK } from '@bsd-sockets/vsock';
import { exactly } from './addressed.mjs';

const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = blocking;
type Inet = [host: string, port: number];

export function talk(socket: blocking.Socket): number {
  return socket.send(Buffer.from('data'));
}
talk(new blocking.Socket());
talk(new blocking.Socket(AF_UNIX, SOCK_DGRAM));
talk(new blocking.Socket({ family: AF_VSOCK }));
talk(new blocking.Socket(45));
talk(blocking.createConnection(['localhost', 80]));
talk(blocking.createServer(['127.0.0.1', 0]).accept()[0]);
talk(blocking.socketpair()[0]);
talk(blocking.fromfd(3, AF_INET, SOCK_STREAM));
talk(blocking.Socket.from(new promises.Socket(AF_UNIX)));
// @ts-expect-error its calls return promises
talk(new promises.Socket());
// @ts-expect-error a file is no socket
talk(process.stdout);

export async function talkLater(socket: promises.Socket): Promise<number> {
  return await socket.send(Buffer.from('data'));
}
await talkLater(new promises.Socket());
await talkLater(new promises.Socket(AF_UNIX, SOCK_DGRAM));
await talkLater(new promises.Socket({ family: AF_VSOCK }));
await talkLater(await promises.createConnection(['localhost', 80]));
await talkLater((await (await promises.createServer(['127.0.0.1', 0])).accept())[0]);
await talkLater(promises.socketpair()[0]);
await talkLater(promises.Socket.from(new blocking.Socket(AF_UNIX)));
// @ts-expect-error its calls return no promises
await talkLater(new blocking.Socket());

// A socket that is made has the addresses of its family, and of inet where none is named.
exactly<Inet>()(new blocking.Socket().getsockname());
exactly<Inet>()(new blocking.Socket({}).getsockname());
exactly<Inet>()(new promises.Socket().getsockname());
exactly<string | Buffer>()(new promises.Socket({ family: AF_UNIX }).getsockname());
exactly<blocking.Socket<typeof AF_UNIX>>()(new blocking.Socket(AF_UNIX).dup());

class Client extends blocking.Socket {}
exactly<Inet>()(new Client().getsockname());
class Local extends promises.Socket<typeof AF_UNIX> {}
exactly<string | Buffer>()(new Local(AF_UNIX).getsockname());
export const isSocket = (value: unknown): value is blocking.Socket => value instanceof blocking.Socket;
export const aliases: [blocking.SocketType, promises.SocketType] = [
  new blocking.Socket(AF_UNIX),
  promises.socketpair()[0],
];

// A sender may have no address: a unix socket without a name, or the peer of a stream.
const unix = new blocking.Socket(AF_UNIX, SOCK_DGRAM);
exactly<string | Buffer | undefined>()(unix.recvfrom(10)[1]);
exactly<string | Buffer | undefined>()(unix.recvfromInto(Buffer.alloc(10))[1]);
exactly<string | Buffer | undefined>()(unix.recvmsg(10)[3]);
exactly<string | Buffer | undefined>()(unix.recvmsgInto([Buffer.alloc(10)])[3]);
exactly<string | Buffer | undefined>()(unix.recvmmsg(2, 10)[0]![3]);
exactly<string | Buffer | undefined>()(new blocking.MessageBatch(unix, 2, 10).address(0));
exactly<string | Buffer | undefined>()(blocking.recvFds(unix, 10, 1)[3]);
exactly<Inet | undefined>()(new blocking.Socket().recvfrom(10)[1]);
// @ts-expect-error it may be undefined
export const length: number = unix.recvfrom(10)[1].length;

const unixLater = new promises.Socket(AF_UNIX, SOCK_DGRAM);
exactly<string | Buffer | undefined>()((await unixLater.recvfrom(10))[1]);
exactly<string | Buffer | undefined>()((await unixLater.recvfromInto(Buffer.alloc(10)))[1]);
exactly<string | Buffer | undefined>()((await unixLater.recvmsg(10))[3]);
exactly<string | Buffer | undefined>()((await unixLater.recvmsgInto([Buffer.alloc(10)]))[3]);
exactly<string | Buffer | undefined>()((await unixLater.recvmmsg(2, 10))[0]![3]);
exactly<string | Buffer | undefined>()((await promises.recvFds(unixLater, 10, 1))[3]);
for await (const [, sender] of unixLater.datagrams()) exactly<string | Buffer | undefined>()(sender);
// Each datagram of inet has a sender.
for await (const [, sender] of new promises.Socket(AF_INET, SOCK_DGRAM).datagrams()) exactly<Inet>()(sender);

// `for await` goes through chunks or connections, where that is known.
for await (const chunk of await promises.createConnection(['localhost', 80])) exactly<Buffer>()(chunk);
for await (const [connection, address] of await promises.createServer(['127.0.0.1', 0])) {
  exactly<Inet>()(address);
  for await (const chunk of connection) exactly<Buffer>()(chunk);
}
await talkLater(await promises.createServer(['127.0.0.1', 0]));

// Options may stand where the optional arguments begin, and nothing behind them.
const { signal } = new AbortController();
const stream = new promises.Socket();
exactly<Buffer>()(await stream.recv(100, { signal }));
exactly<Buffer>()(await stream.recv(100, 0, { signal }));
exactly<number>()(await stream.recvInto(Buffer.alloc(1), { signal }));
exactly<number>()(await stream.sendmsg([Buffer.alloc(1)], { signal }));
// @ts-expect-error no flags behind the options
await stream.recv(100, { signal }, 0);
