import { natural, OSError, osError, wrongType } from '@bsd-sockets/core-native';
import type { SendfileSource } from '@bsd-sockets/socket';

/** The descriptor of a file that is open. */
export function descriptorOf(file: Exclude<SendfileSource, string>): number {
  const fd = typeof file === 'object' && file !== null ? file.fd : file;
  if (typeof fd !== 'number') throw wrongType('file', 'a descriptor, an object with an fd, or a path', file);
  return natural('file', fd);
}

/** The error of a call of node:fs as what this package throws: an {@link OSError}. */
export function fileError(error: unknown): unknown {
  const { errno, syscall, path } = error as NodeJS.ErrnoException;
  if (errno === undefined || error instanceof OSError) return error;
  return osError(errno, { syscall, address: path });
}
