// getaddrinfo HOST blocking|promises|node-dns: looks up a host.
import { lookup } from 'node:dns/promises';
import { getaddrinfo, SOCK_STREAM } from '@bsd-sockets/socket';
import { getaddrinfo as promised } from '@bsd-sockets/socket/promises';
import { serve } from './rounds.mjs';

const PORT = 80;

const [, , host, kind] = process.argv;

const works = {
  blocking(count) {
    while (count-- > 0) getaddrinfo(host, PORT, 0, SOCK_STREAM);
  },
  async promises(count) {
    while (count-- > 0) await promised(host, PORT, 0, SOCK_STREAM);
  },
  async 'node-dns'(count) {
    while (count-- > 0) await lookup(host, { all: true });
  },
};

await serve(works[kind]);
