import { capability, program } from '@bsd-sockets/family-testkit';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllEnvs());

test('what the kernel opens has no reason', () => {
  expect(capability('AF_INET', 'SOCK_DGRAM', 'IPPROTO_UDP')).toEqual({ available: true, reason: '' });
  expect(capability('AF_INET', 'SOCK_STREAM', 'IPPROTO_TCP')).toEqual({ available: true, reason: '' });
});

test('a socket that the probe does not try is an error', () => {
  expect(() => capability('AF_INET', 'SOCK_STREAM')).toThrow('probe() has no row AF_INET SOCK_STREAM');
});

test('a program is looked for along PATH', () => {
  // Of Windows' programs with the end of their name.
  expect(program(process.platform === 'win32' ? 'cmd' : 'node', 'nodejs')).toEqual({ available: true, reason: '' });
  vi.stubEnv('BSD_SOCKETS_LAB', '');
  const reason = '(needs no-such-program: apt-get install some-package)';
  expect(program('no-such-program', 'some-package')).toEqual({ available: false, reason });
});

test('what is missing in the lab is an error', () => {
  vi.stubEnv('BSD_SOCKETS_LAB', '1');
  expect(() => program('no-such-program', 'some-package')).toThrow('missing in the kernel lab: no-such-program');
});
