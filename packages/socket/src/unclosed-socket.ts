import { setImmediate } from 'node:timers';
import { inspect } from 'node:util';
import { native } from '@bsd-sockets/core-native';
import { describe } from './describe';
import { closeHandle, type Handle } from './handle';

const unclosed = new FinalizationRegistry<Handle>((handle) => {
  if (handle.fd < 0) return;
  try {
    process.emitWarning(`unclosed ${describe(handle, inspect)}`, 'ResourceWarning');
    closeHandle(handle);
  } catch {
    // Nobody is left to hear of it.
    native.close(handle.fd);
  }
});

// What a registry knows lives until the next full collection, which is dear for sockets that are closed at once, as those of
// a busy server are: so a socket is registered at the end of the turn that made it, or when many have been made since.
const newborn: [object, Handle][] = [];
const MOST_NEWBORN = 64;

/** Closes the descriptor of a socket that is collected while it is open, and warns of it. */
export function closeWhenCollected(socket: object, handle: Handle): void {
  if (newborn.length === MOST_NEWBORN) registerNewborn();
  if (newborn.length === 0) setImmediate(registerNewborn).unref();
  newborn.push([socket, handle]);
}

function registerNewborn(): void {
  for (const [socket, handle] of newborn.splice(0)) {
    if (handle.fd >= 0) unclosed.register(socket, handle);
  }
}
