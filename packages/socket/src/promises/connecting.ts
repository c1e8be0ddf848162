import { GaiError, native, OSError, POLLHUP, POLLOUT, SO_ERROR, SOL_SOCKET } from '@bsd-sockets/core-native';
import { getIntegerOption, type Handle } from '../handle';
import { type Attempt, isTimedOut } from './call';
import type { Channel } from './channel';

const { EAGAIN, EALREADY, EINPROGRESS, EINTR, EISCONN, ENOTCONN } = native.errnos as Record<string, number>;

/** Tries to connect: at first it begins, then it asks how that has ended. */
export function connecting(handle: Handle, channel: Channel, sockaddr: Uint8Array): Attempt<void> {
  let begun = false;
  let interrupted = false;
  return () => {
    let result = begun ? connected(handle, channel, sockaddr) : native.connect(handle.fd, sockaddr, 0);
    // What a signal ended may go on, or be done.
    if (interrupted && result === -EALREADY!) result = -EINPROGRESS!;
    if (interrupted && result === -EISCONN!) result = 0;
    interrupted ||= result === -EINTR!;
    // A unix socket whose peer has a full backlog begins nothing.
    begun ||= result === -native.connecting || (result !== -EAGAIN! && result !== -EINTR!);
    return result < 0 ? result : undefined;
  };
}

/** How a connect that goes on by itself has ended. */
function connected({ fd, timeout }: Handle, channel: Channel, sockaddr: Uint8Array): number {
  const events = channel.poll(POLLOUT);
  if (events === 0) return -EAGAIN!;
  let error = getIntegerOption(fd, SOL_SOCKET, SO_ERROR);
  // The kernel tells an error once: a receive has been told that of this connect.
  if (error === 0 && events & POLLHUP! && native.getpeername(fd) < 0) error = channel.lastErrno || ENOTCONN!;
  // As in the blocking face: the caller's next connect should be told EISCONN, or begin anew.
  if (timeout < 0) native.finishConnect(fd, sockaddr);
  return error === EISCONN ? 0 : -error;
}

/** The errno of a connect that has failed. */
export function errnoOf(error: unknown): number {
  if (!(error instanceof OSError) || error instanceof GaiError || error.syscall !== 'connect') throw error;
  return isTimedOut(error) ? EAGAIN! : (error.errno as number);
}
