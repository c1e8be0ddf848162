import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { program } from '@bsd-sockets/family-testkit';
import { AF_UNIX, createServer, Socket } from '@bsd-sockets/socket';
import { expect, onTestFinished, test } from 'vitest';
import { commandOf, start } from './process';

const activate = program('systemd-socket-activate', 'systemd');

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'activated-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Sends hello, and returns all that comes back. */
function ask(where: string | number): Promise<string> {
  const socket = typeof where === 'string' ? connect(where) : connect(where, '127.0.0.1');
  socket.setTimeout(25_000, () => socket.destroy(new Error('no answer')));
  socket.end('hello');
  return text(socket);
}

/** The command, as what a manager says that knows its process id. */
const activated = (pid: string, command: string[]) => ['sh', '-c', `LISTEN_PID=${pid} exec "$@"`, 'sh', ...command];

test('a server serves the sockets that it was given, also clients that came before it', async () => {
  const path = join(temporaryFolder(), 'socket');
  using inet = createServer(['127.0.0.1', 0]);
  using unix = new Socket(AF_UNIX);
  unix.bind(path);
  unix.listen();
  const [, port] = inet.getsockname();
  const early = ask(path);

  const env = { LISTEN_FDS: '2', LISTEN_FDNAMES: 'web:admin' };
  const server = start(activated('$$', commandOf('activated-server')), {
    env,
    descriptors: [inet.fileno(), unix.fileno()],
  });
  expect(await early).toBe('admin got hello');
  // It has duplicates of its own.
  inet.close();
  unix.close();
  expect(await Promise.all([ask(port), ask(path), ask(port)])).toEqual([
    'web got hello',
    'admin got hello',
    'web got hello',
  ]);
  expect(server.lines).toEqual([`Listening as web at [ '127.0.0.1', ${port} ]`, `Listening as admin at ${path}`]);
});

test('sockets without names are served, those for another process are not, nor is a file taken for one', async () => {
  using inet = createServer(['127.0.0.1', 0]);
  const [, port] = inet.getsockname();
  const surroundings = (LISTEN_FDS: string) => ({ env: { LISTEN_FDS }, descriptors: [inet.fileno()] });
  const server = start(activated('$$', commandOf('activated-server')), surroundings('1'));
  expect(await ask(port)).toBe('unknown got hello');
  server.kill();

  const other = start(activated('1', commandOf('activated-server', '0')), surroundings('1'));
  expect(await other.firstLine()).toMatch(/^Listening as own at \[ '127.0.0.1', (?!0)\d+ \]$/);
  const [, own] = /, (\d+)/.exec(other.lines[0]!)!;
  expect(Number(own)).not.toBe(port);
  expect(await ask(Number(own))).toBe('own got hello');
  other.kill();

  const file = openSync('/dev/null', 'r');
  onTestFinished(() => closeSync(file));
  const wrong = start(activated('$$', commandOf('activated-server')), {
    env: { LISTEN_FDS: '1' },
    descriptors: [file],
  });
  await expect(wrong.finish()).rejects.toThrow('ENOTSOCK');
});

test.skipIf(!activate.available)(`systemd-socket-activate starts it ${activate.reason}`, async () => {
  const folder = temporaryFolder();
  const paths = ['one', 'two'].map((name) => join(folder, name));
  const passed = Object.keys(process.env).flatMap((name) => ['-E', name]);
  const command = ['systemd-socket-activate', ...passed, ...paths.flatMap((path) => ['-l', path]), '--fdname=one:two'];
  const manager = start([...command, ...commandOf('activated-server')]);
  await expect.poll(() => manager.lines.join(''), { timeout: 25_000 }).toContain(`Listening on ${paths[1]}`);
  expect(await Promise.all(paths.map(ask))).toEqual(['one got hello', 'two got hello']);
});
