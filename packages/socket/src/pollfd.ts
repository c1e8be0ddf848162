import { LITTLE_ENDIAN, layout, native, natural, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { check } from './handle';

/** What can be waited for: a socket, what else has a descriptor (`process.stdin`, a `FileHandle`), or the descriptor itself. */
export type HasFileno = number | { fileno(): number } | { readonly fd: number };

/** The descriptor of an argument, or of an item of one. */
export function filenoOf(argument: string, value: unknown, index?: number): number {
  const object = typeof value === 'object' && value !== null;
  const fd = object ? descriptorIn(value) : value;
  if (typeof fd === 'number' && fd >= 0 && fd === (fd | 0)) return fd | 0;
  // Only a failure pays for the name of an item.
  const name = index === undefined ? argument : `${argument}[${index}]`;
  if (typeof fd !== 'number') {
    throw wrongType(name, 'a descriptor, or an object with a fileno() method or an fd', value);
  }
  if (fd === -1) {
    throw wrongValue(name, `a descriptor of at least 0${object ? ' (this one is closed)' : ''}`, fd);
  }
  return natural(name, fd);
}

function descriptorIn(value: { fileno?: unknown; fd?: unknown }): unknown {
  return typeof value.fileno === 'function' ? value.fileno() : value.fd;
}

// struct pollfd, as steps in arrays of its integers. Of a descriptor of 64 bits the low half counts.
const { pollfd } = layout;
const INTS = pollfd.size / 4;
const FD = (pollfd.fd.offset + (LITTLE_ENDIAN ? 0 : pollfd.fd.size - 4)) / 4;
const SHORTS = pollfd.size / 2;
const EVENTS = pollfd.events.offset / 2;
const REVENTS = pollfd.revents.offset / 2;

/** An array of `struct pollfd`. */
export class PollFds {
  readonly length: number;
  private readonly bytes: Uint8Array;
  private readonly ints: Int32Array;
  private readonly shorts: Uint16Array;

  constructor(length: number) {
    const memory = new ArrayBuffer(length * pollfd.size);
    this.length = length;
    this.bytes = new Uint8Array(memory);
    this.ints = new Int32Array(memory);
    this.shorts = new Uint16Array(memory);
  }

  fd(index: number): number {
    return this.ints[index * INTS + FD] as number;
  }

  revents(index: number): number {
    return this.shorts[index * SHORTS + REVENTS] as number;
  }

  set(index: number, fd: number, events: number): void {
    this.ints[index * INTS + FD] = fd;
    this.shorts[index * SHORTS + EVENTS] = events;
  }

  /** Takes out what the last wait has found. */
  ignoreReady(): void {
    for (let index = 0; index < this.length; index++) if (this.revents(index) !== 0) this.set(index, -1, 0);
  }

  /** Waits for no longer than `timeout` seconds (-1: without limit), and returns how many are ready. */
  wait(timeout: number): number {
    return check(native.poll(this.bytes, timeout), 'poll');
  }
}
