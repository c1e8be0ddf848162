import {
  bytes,
  integer,
  native,
  osError,
  SIO_KEEPALIVE_VALS,
  SIO_LOOPBACK_FAST_PATH,
  SIO_RCVALL,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { madeOf } from './handle';

/** Whether this is Windows, of whose names this is one. */
export const onWindows = SIO_RCVALL !== undefined;

/** The error of a function that this platform does not have: Node's own code for it. */
export function unavailable(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}

/** That of a function that only Windows has. */
export function windowsOnly(name: string, instead = ''): Error {
  return unavailable(`${name}: only Windows has it, and this is ${process.platform}${instead}`);
}

/** What goes to WSAIoctl for one of Python's three controls. */
export function controlBytes(control: number, option: unknown): Uint8Array {
  if (control === SIO_KEEPALIVE_VALS) {
    if (!Array.isArray(option) || option.length !== 3) {
      throw wrongType('option', 'an array [on, milliseconds of idleness, milliseconds between probes]', option);
    }
    return numbers(option);
  }
  if (control !== SIO_RCVALL && control !== SIO_LOOPBACK_FAST_PATH) {
    throw wrongValue('control', 'SIO_RCVALL, SIO_KEEPALIVE_VALS or SIO_LOOPBACK_FAST_PATH', control);
  }
  return numbers([option]);
}

function numbers(values: readonly unknown[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values, (value) => integer('option', value, 0, 2 ** 32 - 1)).buffer);
}

/** The socket that `make` makes of what `share` returned in another process. */
export function madeOfShared<S>(info: unknown, make: (options: { fileno: number }) => S): S {
  if (!onWindows) throw windowsOnly('fromshare');
  const fileno = native.fromShare(bytes('info', info));
  if (fileno < 0) throw osError(fileno, { syscall: 'fromshare' });
  return madeOf(fileno, () => make({ fileno }));
}
