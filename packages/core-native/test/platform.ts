// What is otherwise on Windows, where tests that run there meet it.
import { native, Slot, slots } from '@bsd-sockets/core-native';

export const onWindows = process.platform === 'win32';

/** What a call returns for a number that is none of a socket. */
export const NO_SOCKET = -native.errnos[onWindows ? 'ENOTSOCK' : 'EBADF']!;

/** The family and type of pairs that keep the borders of messages, or of the only ones there are: over the loopback, without. */
export function messagePair(type: 'SOCK_DGRAM' | 'SOCK_SEQPACKET'): [first: number, second: number] {
  const { AF_INET, AF_UNIX, SOCK_STREAM, [type]: messages } = native.constants;
  const first = onWindows
    ? native.socketpair(AF_INET!, SOCK_STREAM!, 0, 0)
    : native.socketpair(AF_UNIX!, messages!, 0, 0);
  return [first, slots[Slot.secondFd]!];
}
