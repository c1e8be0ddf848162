import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AF_INET6, createServer } from '@bsd-sockets/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { cpython, example, hasPython, type Program } from './process';

const folder = mkdtempSync(join(tmpdir(), 'echo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function hasIpv6Loopback(): boolean {
  try {
    createServer(['::1', 0], { family: AF_INET6 }).close();
    return true;
  } catch {
    return false;
  }
}

const host = (kind: string) => (kind === 'inet6' ? '::1' : '127.0.0.1');
let sockets = 0;

/** What a server is given to listen at: a free port, or a path. */
function listenAt(kind: string): string[] {
  return kind === 'unix' ? [join(folder, `${sockets++}`)] : ['0', host(kind)];
}

/** What its client is given, from the line that the server prints. */
function connectTo(kind: string, line: string): string[] {
  if (kind === 'unix') return [line.slice('Listening at '.length)];
  return [/, (\d+)/.exec(line)![1]!, host(kind)];
}

async function exchange(
  kind: string,
  server: (...args: string[]) => Program,
  client: (...args: string[]) => Program,
): Promise<[server: string[], client: string[]]> {
  const serving = server(...listenAt(kind));
  let asking: Program | undefined;
  try {
    asking = client(...connectTo(kind, await serving.firstLine()));
    return await Promise.all([serving.finish(), asking.finish()]);
  } finally {
    serving.kill();
    asking?.kill();
  }
}

const ours = {
  inet: ['echo-server', 'echo-client'],
  'inet, by getaddrinfo': ['echo-server-any', 'echo-client-any'],
  inet6: ['echo-server-any', 'echo-client-any'],
  unix: ['echo-server-unix', 'echo-client-unix'],
  udp: ['echo-udp-server', 'echo-udp-client'],
} as const;

describe.each(Object.entries(ours))('echo over %s', (name, [server, client]) => {
  const kind = name.split(',')[0]!;
  const noAddress = kind === 'inet6' && !hasIpv6Loopback() ? ': needs the address ::1' : '';
  const noPeer = noAddress || (hasPython ? '' : ': needs python3');
  const startServer = (...args: string[]) => example(server, ...args);
  const startClient = (...args: string[]) => example(client, ...args);

  test.skipIf(noAddress)(`our client and our server${noAddress}`, async () => {
    const [served, asked] = await exchange(kind, startServer, startClient);
    expect(served[1]).toMatch(/^(Connected|Datagram from)/);
    expect(asked).toEqual(['Received Hello, world']);
  });

  test.skipIf(noPeer)(`our client and CPython's server${noPeer}`, async () => {
    const [served, asked] = await exchange(kind, (...args) => cpython('server', kind, ...args), startClient);
    expect(served[1]).toMatch(/^(Connected|Datagram from)/);
    expect(asked).toEqual(['Received Hello, world']);
  });

  test.skipIf(noPeer)(`CPython's client and our server${noPeer}`, async () => {
    const [served, asked] = await exchange(kind, startServer, (...args) => cpython('client', kind, ...args));
    expect(served[1]).toMatch(/^(Connected|Datagram from)/);
    expect(asked).toEqual(['Received Hello, world']);
  });
});
