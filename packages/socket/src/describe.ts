import type { inspect } from 'node:util';
import { native, Slot, slots, sockaddr } from '@bsd-sockets/core-native';
import { SocketKind } from './enumerations';
import type { Handle } from './handle';

/**
 * What Python's `repr` says of a socket, such as
 * `<Socket fd=3, family=AF_INET, type=SOCK_STREAM, proto=0, laddr=[ '127.0.0.1', 80 ]>`.
 */
export function describe(handle: Handle, print: typeof inspect, className = 'Socket'): string {
  const { closed, fd, family, type, proto } = handle;
  const parts = [`fd=${fd}`, `family=${family.name}`, `type=${SocketKind[type] ?? type}`, `proto=${proto}`];
  const info = { family: family.number, type, proto, fileno: () => fd };
  const add = (name: string, result: number) => {
    const length = slots[Slot.addressLength]!;
    if (result < 0 || length === 0) return;
    const address = family.decode(sockaddr.subarray(0, length), info);
    // An unnamed unix socket has nothing to show.
    if (address !== '') parts.push(`${name}=${print(address)}`);
  };
  if (fd >= 0) {
    add('laddr', native.getsockname(fd));
    add('raddr', native.getpeername(fd));
  }
  return `<${className} ${closed || fd < 0 ? '[closed] ' : ''}${parts.join(', ')}>`;
}
