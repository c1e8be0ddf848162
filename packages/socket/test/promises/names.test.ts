import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

/** The names of one face that the other does not have. */
function missing(from: object, to: object): string[] {
  return Object.keys(from)
    .filter((name) => !(name in to))
    .sort();
}

test('what only the blocking module has stands for makefile, and for calls that block', () => {
  expect(missing(blocking, promises)).toEqual(['SocketIO', 'siginterrupt']);
});

test('what only the promise module has is for the event loop and its streams', () => {
  expect(missing(promises, blocking)).toEqual([
    'AbortError',
    'HttpAgent',
    'HttpsAgent',
    'SocketDuplex',
    'connectDuplex',
    'feed',
    'setBusyPoll',
  ]);
});

const differ = (name: string) => Reflect.get(blocking, name) !== Reflect.get(promises, name);

test('what is shared is the same object', () => {
  // Names of the modules themselves: newer versions of Node add the second.
  const names = Object.keys(blocking).filter((name) => name !== 'default' && name !== 'module.exports');
  const differing = names.filter((name) => name in promises && differ(name));
  expect(differing.sort()).toEqual([
    'DefaultSelector',
    'Poll',
    'Socket',
    'SocketType',
    'createConnection',
    'createServer',
    'fromfd',
    'fromshare',
    'getaddrinfo',
    'getfqdn',
    'gethostbyaddr',
    'gethostbyname',
    'gethostbynameEx',
    'getnameinfo',
    'getprotobyname',
    'getservbyname',
    'getservbyport',
    'poll',
    'recvFds',
    'select',
    'sendFds',
    'socketpair',
  ]);
});

test.skipIf(without('not Windows'))('what only Windows has says so in both (not Windows)', () => {
  const code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
  for (const { Socket, fromshare } of [blocking, promises as unknown as typeof blocking]) {
    using socket = new Socket();
    expect(() => socket.ioctl(1, 1)).toThrow(expect.objectContaining({ code }));
    expect(() => socket.share(1)).toThrow(expect.objectContaining({ code }));
    expect(() => fromshare(Buffer.alloc(1))).toThrow(expect.objectContaining({ code }));
  }
});
