import { env } from 'node:process';
import { done, integer, native, optionsOf, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { AF_UNIX, SOCK_DGRAM, Socket, sendFds } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';

/** A descriptor, or what has one: a socket, a `FileHandle` of node:fs/promises. */
export type Descriptor = number | { fileno(): number } | { readonly fd: number };

/** How {@link storeDescriptors} has descriptors kept. */
export interface StoreOptions {
  /** Under which name they come back, by `listenFds`: at most 255 characters of ASCII without `:`; `'stored'` by default. */
  name?: string;
  /** Whether the manager gives up a descriptor that hangs up or has an error; true by default. */
  poll?: boolean;
}

/** Seconds that a send may take: the manager takes messages at once, as a rule. */
const SEND_TIMEOUT = 5;

/** The address of the service manager: a path, or the name of an abstract socket behind `@`. */
function managerAddress(): string | undefined {
  const { NOTIFY_SOCKET: address } = env;
  if (address === undefined || address === '') return undefined;
  if (!/^[/@]./s.test(address)) throw wrongValue('NOTIFY_SOCKET', 'a path or @name', address);
  return address.replace(/^@/, '\0');
}

/**
 * Tells the service manager something.
 *
 * @param state - Assignments such as `READY=1`, each on a line; or one of these.
 * @param fds - Descriptors that go with it, of which the manager gets duplicates: at most 253.
 * @returns true; false if the process has no manager that wants to know, since NOTIFY_SOCKET is not set.
 * @throws {@link OSError}, such as ECONNREFUSED, or {@link TimeoutError} after 5 seconds; TypeError
 *   (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_INVALID_ARG_VALUE`) for another kind of address in NOTIFY_SOCKET.
 *
 * Source: sd_notify(3), sd_pid_notify_with_fds(3)
 */
export function notify(state: string, fds: readonly Descriptor[] = []): boolean {
  if (typeof state !== 'string') throw wrongType('state', 'a string such as READY=1', state);
  const address = managerAddress();
  if (address === undefined) return false;
  using socket = new Socket(AF_UNIX, SOCK_DGRAM);
  socket.settimeout(SEND_TIMEOUT);
  const data = Buffer.from(state);
  if (fds.length === 0) socket.sendto(data, address);
  else sendFds(socket, [data], fds, 0, address);
  return true;
}

/** The same for what a service does not fail of: what fails is a warning. */
function tell(state: string): boolean {
  try {
    return notify(state);
  } catch (error) {
    process.emitWarning(error as Error);
    return false;
  }
}

/** Tells the service manager that the service is ready: it has started, or has loaded its configuration again. */
export function ready(): boolean {
  return tell('READY=1');
}

/** Tells that the service loads its configuration again; {@link ready} tells of the end. */
export function reloading(): boolean {
  return tell(`RELOADING=1\nMONOTONIC_USEC=${native.monotonicTime()}`);
}

/** Tells that the service is about to end. */
export function stopping(): boolean {
  return tell('STOPPING=1');
}

/** Tells that the service is alive, which it has to do within each {@link watchdogInterval}. */
export function watchdog(): boolean {
  return tell('WATCHDOG=1');
}

/**
 * Tells what the service does, for `systemctl status`.
 *
 * @param text - One line.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) for another text.
 */
export function sendStatus(text: string): boolean {
  if (typeof text !== 'string') throw wrongType('text', 'a string', text);
  if (text.includes('\n')) throw wrongValue('text', 'one line', text);
  return tell(`STATUS=${text}`);
}

/**
 * Tells the service manager something, as {@link notify}; what fails is a warning.
 *
 * @param state - Assignments, each on a line.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
 */
export function sendState(state: string): boolean {
  if (typeof state !== 'string') throw wrongType('state', 'a string such as READY=1', state);
  return tell(state);
}

/**
 * Asks for more time to start, to run, or to end.
 *
 * @param seconds - Within which the service says more, 0 or more.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 */
export function extendTimeout(seconds: number): boolean {
  if (typeof seconds !== 'number') throw wrongType('seconds', 'a number', seconds);
  return tell(`EXTEND_TIMEOUT_USEC=${integer('seconds in microseconds', Math.round(seconds * 1e6), 0, 2 ** 53 - 1)}`);
}

function checkName(name: unknown): string {
  if (typeof name !== 'string') throw wrongType('name', 'a string', name);
  if (!/^[ -9;-~]{1,255}$/.test(name)) throw wrongValue('name', '1 to 255 characters of ASCII without :', name);
  return name;
}

/**
 * Has the service manager keep descriptors for the next start of the service, which finds them by `listenFds`. The service's
 * FileDescriptorStoreMax= says how many. Await a {@link barrier} before you close one.
 *
 * @param fds - At most 253.
 * @param options - `name`, `poll`.
 * @returns As {@link notify}.
 * @throws As {@link notify}, and for a bad name.
 *
 * Source: sd_pid_notify_with_fds(3), FDSTORE=1
 */
export function storeDescriptors(fds: readonly Descriptor[], options?: StoreOptions | null): boolean {
  const { name = 'stored', poll = true } = optionsOf(options, { name: true, poll: true });
  return notify(`FDSTORE=1\nFDNAME=${checkName(name)}${poll ? '' : '\nFDPOLL=0'}`, fds);
}

/**
 * Has the service manager close the descriptors that it keeps under a name.
 *
 * @param name - Their name.
 * @returns As {@link notify}.
 * @throws As {@link notify}, and for a bad name.
 *
 * Source: sd_notify(3), FDSTOREREMOVE=1
 */
export function removeDescriptors(name: string): boolean {
  return notify(`FDSTOREREMOVE=1\nFDNAME=${checkName(name)}`);
}

/**
 * Waits until the service manager has seen all that it was told before.
 *
 * @param options - `timeout`: seconds, 5 by default; `signal`: ends the wait.
 * @returns As {@link notify}.
 * @throws As {@link notify}; {@link TimeoutError}, with a timeout of 0 {@link BlockingIOError}; {@link AbortError}.
 *
 * Source: sd_notify_barrier(3)
 */
export async function barrier(options?: { timeout?: number; signal?: AbortSignal } | null): Promise<boolean> {
  const { timeout = 5, signal } = optionsOf(options, { timeout: true, signal: true });
  const [here, there] = promises.socketpair();
  using _here = here;
  try {
    here.settimeout(timeout);
    if (!notify('BARRIER=1', [there])) return done(false);
  } finally {
    there.close();
  }
  // It closes its duplicate when it comes to this message.
  await here.recv(1, 0, signal === undefined ? {} : { signal });
  return true;
}
