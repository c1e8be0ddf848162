// The Debian programs that a case talks to. They run in the folder of the case, and end with its process, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POSTGRESQL = '/usr/lib/postgresql';
const READY_WITHIN = 20_000;

const folders = [
  ...process.env.PATH.split(delimiter),
  '/usr/sbin',
  '/sbin',
  ...(existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL).map((version) => join(POSTGRESQL, version, 'bin')) : []),
];

/** The path of a program, whether or not an ordinary user finds it. */
export function pathOf(program) {
  const path = folders.map((folder) => join(folder, program)).find(existsSync);
  if (path === undefined) throw new Error(`${program} is missing: node scripts/doctor.mjs says what to install`);
  return path;
}

/** A user that is not root, for programs that refuse to run as root; undefined where this process is not root itself. */
export const plainUser = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/** Gives a folder to the plain user. */
export function giveToPlainUser(folder) {
  if (plainUser !== undefined) chownSync(folder, plainUser.uid, plainUser.gid);
}

function launch(program, args, { user, ...options }) {
  const identity = user && [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  // The kernel ends the program when this process ends, even by a signal.
  return spawn('setpriv', [...(identity ?? []), '--pdeathsig=TERM', pathOf(program), ...args], options);
}

/**
 * Runs a program to its end.
 *
 * @returns What it wrote to its standard output.
 * @throws Error with what it wrote to its standard error, if it fails.
 */
export async function run(program, args, options = {}) {
  const child = launch(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const [output, errors, [status]] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    once(child, 'exit'),
  ]);
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${Buffer.concat([...output, ...errors])}`);
  return Buffer.concat(output).toString();
}

/** Tells whether something listens at an address. */
export const listens = (address) => async () => {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/**
 * Starts a server and waits until it is ready.
 *
 * @param program - Its name.
 * @param args - Its arguments.
 * @param options - `ready`, which tells whether it is; `user` as whom it runs.
 * @returns What ends it and waits for its end.
 */
export async function start(program, args, { ready, user, ...options }) {
  const child = launch(program, args, { user, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output = (output + data).slice(-2000);
    });
  }
  const ended = once(child, 'exit');
  const latest = Date.now() + READY_WITHIN;
  while (!(await ready())) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > latest) {
      child.kill('SIGKILL');
      throw new Error(`${program} did not start: ${output}`);
    }
    await delay(20);
  }
  return async () => {
    child.kill();
    await ended;
  };
}

/** A TCP port of loopback that nobody uses. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
