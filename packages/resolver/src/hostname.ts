import { audit, bytes, fsdecode, fsencode, native, osError, wrongType, wrongValue } from '@bsd-sockets/core-native';

/**
 * The name of this host, as the kernel has it: not always a fully qualified one, see {@link getfqdn}.
 *
 * @throws {@link OSError} if the kernel does not tell.
 *
 * Source: gethostname(2); Python's `socket.gethostname`
 */
export function gethostname(): string {
  audit('socket.gethostname');
  const name = native.gethostname();
  if (typeof name === 'number') throw osError(name, { syscall: 'gethostname' });
  return fsdecode(name);
}

/**
 * Gives this host (on Linux: this UTS namespace) a name, until it starts anew.
 *
 * @param name - Text or bytes; on Linux at most 64 bytes.
 * @throws {@link OSError}: EPERM without the privilege, EINVAL if it is too long.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`) if it is no name.
 *
 * Source: sethostname(2); Python's `socket.sethostname`
 */
export function sethostname(name: string | Uint8Array): void {
  const encoded = nameBytes('name', name);
  audit('socket.sethostname', name);
  const result = native.sethostname(encoded);
  if (result < 0) throw osError(result, { syscall: 'sethostname', address: name });
}

/** The bytes of a name that the kernel knows, given as text or as the bytes themselves. */
export function nameBytes(argument: string, name: unknown): Uint8Array {
  if (typeof name !== 'string' && !ArrayBuffer.isView(name)) throw wrongType(argument, 'a string or bytes', name);
  const encoded = typeof name === 'string' ? fsencode(argument, name) : bytes(argument, name);
  if (encoded.includes(0)) throw wrongValue(argument, 'a name without NUL', name);
  return encoded;
}
