// A library that re-exports ours without a word about types: what the compiler writes into its declarations has to be named by
// what the library itself imports.

import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { AF_VSOCK } from '@bsd-sockets/vsock';

export const pair = () => blocking.socketpair();
export const promisedPair = () => promises.socketpair();
export const socket = () => new blocking.Socket();
export const vsock = () => new promises.Socket(AF_VSOCK);
export const connection = () => blocking.createConnection(['localhost', 80]);
export const promisedConnection = () => promises.createConnection(['localhost', 80]);
export const server = () => promises.createServer(['localhost', 80]);
export const accepted = (listening: promises.Socket<typeof blocking.AF_UNIX>) => listening.accept();
export const received = (any: promises.Socket) => any.recvmsg(1, 1);
export const chunks = (any: promises.Socket) => any.chunks();
export const connections = (any: promises.Socket) => any.connections();
export const datagrams = (any: promises.Socket<typeof blocking.AF_INET6>) => any.datagrams();
export const files = (one: blocking.Socket, other: promises.Socket) => [one.makefile('r'), other.makefile('rb')];
export const duplex = (any: promises.Socket) => any.toDuplex();
export const batch = (any: blocking.Socket) => new blocking.MessageBatch(any, 1, 1);
export const selectors = () => [new blocking.DefaultSelector<string>(), new promises.DefaultSelector<string>()];
export const polls = () => [blocking.poll(), promises.poll()];
export const found = () => promises.getaddrinfo('localhost', 80);
export const host = () => blocking.gethostbynameEx('localhost');
export const info = (any: blocking.Socket) => any.getOption(blocking.options.TCP_INFO);
export const failure = () => new blocking.GaiError(1, '');
export const families = [blocking.AF_INET, blocking.AF_INET6, blocking.AF_UNIX, AF_VSOCK];
export const { options, requests } = blocking;
export const family = () =>
  blocking.registerFamily({ number: 99, name: 'AF_X', encode: (text: string) => Buffer.from(text), decode: String });
