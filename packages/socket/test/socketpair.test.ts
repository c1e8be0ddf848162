import { AF_UNIX, SOCK_DGRAM, SOCK_STREAM, socketpair } from '@bsd-sockets/socket';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { LOCAL } from './platform';

test('a pair of stream sockets by default, of AF_UNIX where there are such pairs', () => {
  const [a, b] = socketpair();
  using _a = a;
  using _b = b;
  expect([a.family, a.type, a.proto]).toEqual([LOCAL, SOCK_STREAM, 0]);
  expect(a.send(Buffer.from('ping'))).toBe(4);
  expect(b.recv(100)).toEqual(Buffer.from('ping'));
});

test.skipIf(without('pairs of AF_UNIX'))('datagrams keep their bounds (pairs of AF_UNIX)', () => {
  const [a, b] = socketpair(AF_UNIX, SOCK_DGRAM);
  using _a = a;
  using _b = b;
  a.send(Buffer.from('one'));
  a.send(Buffer.from('two'));
  expect(b.recv(100)).toEqual(Buffer.from('one'));
  expect(b.recv(2)).toEqual(Buffer.from('tw'));
});
