import {
  getaddrinfo,
  getfqdn,
  gethostbyname,
  getnameinfo,
  getprotobyname,
  getservbyname,
  getservbyport,
  ifNametoindex,
  inetAton,
  inetPton,
} from '@bsd-sockets/resolver';
import * as promises from '@bsd-sockets/resolver/promises';
import { expect, test } from 'vitest';

// No encoding has it; CPython raises a UnicodeEncodeError, which is a ValueError.
const LONE = 'a\ud800b';

const refused = expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' });

const calls: Record<string, () => unknown> = {
  getaddrinfo: () => getaddrinfo(LONE, 80),
  'getaddrinfo, service': () => getaddrinfo('localhost', LONE),
  getfqdn: () => getfqdn(LONE),
  gethostbyname: () => gethostbyname(LONE),
  getnameinfo: () => getnameinfo([LONE, 0], 0),
  getprotobyname: () => getprotobyname(LONE),
  getservbyname: () => getservbyname(LONE),
  'getservbyname, protocol': () => getservbyname('http', LONE),
  'getservbyport, protocol': () => getservbyport(80, LONE),
  ifNametoindex: () => ifNametoindex(LONE),
  inetAton: () => inetAton(LONE),
  inetPton: () => inetPton(2, LONE),
};

test.each(Object.entries(calls))('a lone surrogate is refused by %s', (_name, call) => {
  expect(call).toThrow(refused);
});

const waiting: Record<string, () => Promise<unknown>> = {
  getaddrinfo: () => promises.getaddrinfo(LONE, 80),
  'getaddrinfo, service': () => promises.getaddrinfo('localhost', LONE),
  getfqdn: () => promises.getfqdn(LONE),
  getnameinfo: () => promises.getnameinfo([LONE, 0], 0),
  getprotobyname: () => promises.getprotobyname(LONE),
  getservbyname: () => promises.getservbyname('http', LONE),
  getservbyport: () => promises.getservbyport(80, LONE),
};

test.each(Object.entries(waiting))('a lone surrogate is refused by %s of the promise face', async (_name, call) => {
  await expect(call()).rejects.toEqual(refused);
});
