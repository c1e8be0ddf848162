import {
  native,
  osError,
  PACKET_FANOUT_DATA,
  SO_ATTACH_FILTER,
  SOL_PACKET,
  SOL_SOCKET,
} from '@bsd-sockets/core-native';
import { codecs, type Option, options } from '@bsd-sockets/socket';
import { type AnySocket, socketOf } from './any-socket';
import { assemble, Filter } from './filter';
import { type BpfInstruction, type BpfProgram, decodeProgram, encodeProgram } from './instruction';
import { needPacket } from './platform';

/** What is taken for a filter: a condition, or instructions. */
export type FilterLike = Filter | BpfProgram;

function setFilter(syscall: string, socket: AnySocket, level: number, option: number, filter: FilterLike): void {
  needPacket(syscall);
  const fd = socketOf(socket).fileno();
  const program = filter instanceof Filter ? assemble(filter, { type: socket.type }) : filter;
  const result = native.setFilter(fd, level, option, encodeProgram('filter', program));
  if (result < 0) throw osError(result, { syscall, hint: fd < 0 ? 'the socket is closed' : undefined });
}

/**
 * Lets a socket, of any family, receive only what a filter lets pass. It takes the place of the filter that the socket
 * has. Frames that wait in the socket already are not looked at: to get none of them, open the socket with protocol 0,
 * attach the filter, and bind the socket with the protocol then.
 *
 * @param socket - The socket.
 * @param filter - A condition (see `filter`), for a packet socket; or instructions: objects, tuples `[code, jt, jf, k]`, or
 *   the bytes of `struct sock_filter`, 8 for each.
 * @throws {@link OSError}: EINVAL for instructions that the kernel refuses, EPERM if the filter is locked; TypeError or
 *   RangeError for what is no filter.
 *
 * Source: socket(7), SO_ATTACH_FILTER
 */
export function attachFilter(socket: AnySocket, filter: FilterLike): void {
  setFilter('attachFilter', socket, SOL_SOCKET, SO_ATTACH_FILTER, filter);
}

/**
 * Takes the filter of a socket away.
 *
 * @param socket - The socket.
 * @throws {@link OSError}: ENOENT if it has none, EPERM if it is locked.
 *
 * Source: socket(7), SO_DETACH_FILTER
 */
export function detachFilter(socket: AnySocket): void {
  needPacket('detachFilter');
  socketOf(socket).setOption(options.SO_DETACH_FILTER, 0);
}

/**
 * Locks the filter of a socket: nobody can take it away, or put another in its place, and it stays so.
 *
 * @param socket - The socket.
 * @throws {@link OSError}
 *
 * Source: socket(7), SO_LOCK_FILTER
 */
export function lockFilter(socket: AnySocket): void {
  needPacket('lockFilter');
  socketOf(socket).setOption(options.SO_LOCK_FILTER, true);
}

const attached: Option<BpfInstruction[], never> = {
  name: 'SO_GET_FILTER',
  level: SOL_SOCKET,
  // Linux has one number for both directions.
  option: SO_ATTACH_FILTER,
  codec: codecs.readOnly({ size: 4096 * 8, encode: () => new Uint8Array(), decode: decodeProgram }),
};

/**
 * The instructions of the filter that a socket has.
 *
 * @param socket - The socket.
 * @returns None if it has no filter.
 * @throws {@link OSError}: EACCES for an eBPF program.
 *
 * Source: Linux, SO_GET_FILTER of asm/socket.h
 */
export function attachedFilter(socket: AnySocket): BpfInstruction[] {
  needPacket('attachedFilter');
  return socketOf(socket).getOption(attached);
}

/**
 * Sets the program that finds the socket of a frame in a group of PACKET_FANOUT_CBPF: what it returns, modulo the number
 * of sockets, is the socket's place in the group.
 *
 * @param socket - A socket of the group.
 * @param program - Instructions, as for {@link attachFilter}.
 * @throws {@link OSError}, such as EINVAL for a socket of no such group; TypeError or RangeError for what is no program.
 *
 * Source: packet(7), PACKET_FANOUT_DATA
 */
export function setFanoutProgram(socket: AnySocket, program: BpfProgram): void {
  setFilter('setFanoutProgram', socket, SOL_PACKET, PACKET_FANOUT_DATA, program);
}
