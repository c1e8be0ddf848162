import { int32, isOptions, type KnownKeys, knownKeys } from '@bsd-sockets/core-native';

/** What the constructor takes in place of its positional parameters. */
export interface SocketOptions<F extends number = number> {
  /** An AF_* constant; AF_INET by default. */
  family?: F | null;
  /** A SOCK_* constant, with SOCK_NONBLOCK if it should be non-blocking; SOCK_STREAM by default. */
  type?: number | null;
  /** An IPPROTO_* constant, or what else the family calls a protocol; 0, its only or usual one, by default. */
  proto?: number | null;
  /** A descriptor to take over. */
  fileno?: number | null;
}

/** The same as positions; null stands for the default. */
export type SocketArguments<F extends number = number> = [
  family?: F | null,
  type?: number | null,
  proto?: number | null,
  fileno?: number | null,
];

const SOCKET_OPTIONS: KnownKeys<SocketOptions> = { family: true, type: true, proto: true, fileno: true };

/** The numbers that a constructor was given; undefined for each that it is to choose, or to ask the kernel for. */
export function constructorArguments(args: SocketArguments | [SocketOptions]): {
  [Name in keyof SocketOptions]: number | undefined;
} {
  const [first] = args;
  if (isOptions(first)) knownKeys('options', first, SOCKET_OPTIONS);
  const given: SocketOptions = isOptions(first) ? first : fromPositions(args as SocketArguments);
  const number = (name: keyof SocketOptions) => {
    const value = given[name];
    // undefined is no default where it was given: it is what a constant has that the platform does not have.
    if (value === null || !(name in given)) return undefined;
    // As in Python, -1 stands for the default, or for what the kernel is asked; but it is no descriptor.
    return value === -1 && name !== 'fileno' ? undefined : int32(name, value);
  };
  return { family: number('family'), type: number('type'), proto: number('proto'), fileno: number('fileno') };
}

function fromPositions(args: SocketArguments): SocketOptions {
  const names = ['family', 'type', 'proto', 'fileno'];
  return Object.fromEntries(args.map((value, index) => [names[index], value]));
}
