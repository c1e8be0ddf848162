import { type Channel, channel } from 'node:diagnostics_channel';
import { wrongType } from './arguments';

/** The audited events and their arguments: Python's, in Python's order. */
export interface AuditEvents {
  'fcntl.ioctl': [fd: number, request: number, arg: unknown];
  'socket.__new__': [self: object, family: number, type: number, protocol: number];
  'socket.bind': [self: object, address: unknown];
  'socket.connect': [self: object, address: unknown];
  'socket.getaddrinfo': [host: unknown, port: unknown, family: number, type: number, protocol: number];
  'socket.gethostbyaddr': [ipAddress: unknown];
  'socket.gethostbyname': [hostname: unknown];
  'socket.gethostname': [];
  'socket.getnameinfo': [sockaddr: unknown];
  'socket.getservbyname': [servicename: unknown, protocolname: unknown];
  'socket.getservbyport': [port: unknown, protocolname: unknown];
  'socket.sendmsg': [self: object, address: unknown];
  'socket.sendto': [self: object, address: unknown];
  'socket.sethostname': [name: unknown];
}

/** What {@link addAuditHook} takes: it forbids the call by throwing. */
export type AuditHook = (event: keyof AuditEvents, args: readonly unknown[]) => void;

/** What the subscribers of a channel `bsd-sockets:EVENT` get. */
export interface AuditMessage {
  readonly event: keyof AuditEvents;
  readonly args: readonly unknown[];
}

// One list for all copies of this package in a thread. It is replaced, never changed, so that a hook may remove itself.
const key = Symbol.for('@bsd-sockets/audit');
const global = globalThis as { [key]?: { hooks: readonly { readonly hook: AuditHook }[] } };
global[key] ??= { hooks: [] };
const state = global[key];

const channels: Readonly<Record<keyof AuditEvents, Channel>> = {
  'fcntl.ioctl': channel('bsd-sockets:fcntl.ioctl'),
  'socket.__new__': channel('bsd-sockets:socket.__new__'),
  'socket.bind': channel('bsd-sockets:socket.bind'),
  'socket.connect': channel('bsd-sockets:socket.connect'),
  'socket.getaddrinfo': channel('bsd-sockets:socket.getaddrinfo'),
  'socket.gethostbyaddr': channel('bsd-sockets:socket.gethostbyaddr'),
  'socket.gethostbyname': channel('bsd-sockets:socket.gethostbyname'),
  'socket.gethostname': channel('bsd-sockets:socket.gethostname'),
  'socket.getnameinfo': channel('bsd-sockets:socket.getnameinfo'),
  'socket.getservbyname': channel('bsd-sockets:socket.getservbyname'),
  'socket.getservbyport': channel('bsd-sockets:socket.getservbyport'),
  'socket.sendmsg': channel('bsd-sockets:socket.sendmsg'),
  'socket.sendto': channel('bsd-sockets:socket.sendto'),
  'socket.sethostname': channel('bsd-sockets:socket.sethostname'),
};

/**
 * Whether anybody listens to an event: what a caller asks for whom the arguments of {@link audit} are work.
 *
 * @param event - The name of the event, such as `'socket.connect'`.
 */
export function audited(event: keyof AuditEvents): boolean {
  return state.hooks.length > 0 || channels[event].hasSubscribers;
}

/**
 * Tells those who listen that a call is about to be made: first the subscribers of the channel `bsd-sockets:EVENT`, then
 * the hooks. It is called before the system call, with arguments that were checked already.
 *
 * @param event - The name of the event, such as `'socket.connect'`.
 * @param args - Its arguments.
 * @throws What a hook throws: the call must not be made then.
 *
 * Source: Python's `sys.audit`
 */
export function audit<Event extends keyof AuditEvents>(event: Event, ...args: AuditEvents[Event]): void {
  if (!audited(event)) return;
  channels[event].publish({ event, args } satisfies AuditMessage);
  for (const { hook } of state.hooks) hook(event, args);
}

/**
 * Adds a hook that is told of every audited call of this thread before it is made, and forbids the call by throwing: the
 * caller gets what it throws, and no descriptor is left open. Hooks run in the order in which they were added; after
 * one that throws, no further one. What only watches can subscribe to the channels of `node:diagnostics_channel`
 * instead: `bsd-sockets:socket.connect` and so on, whose messages are `{ event, args }`.
 *
 * @param hook - Gets the event, such as `'socket.connect'`, and its arguments in Python's order.
 * @returns A function that removes the hook.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is no function.
 *
 * Source: Python's `sys.addaudithook`, and the audit events of its modules `socket` and `fcntl`
 */
export function addAuditHook(hook: AuditHook): () => void {
  if (typeof hook !== 'function') throw wrongType('hook', 'a function', hook);
  const entry = { hook };
  state.hooks = [...state.hooks, entry];
  return () => {
    state.hooks = state.hooks.filter((present) => present !== entry);
  };
}
