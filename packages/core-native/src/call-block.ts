import { native } from './native';
import { Amount, MESSAGE_SIZE, Part, Slot, SOCKADDR_SIZE } from './slot';

/** Integers that the addon reads and writes in place. */
export const slots = new Int32Array(native.callBlock, Part.integers, Part.amounts / 4);
const amounts = new Float64Array(native.callBlock, Part.amounts, (Part.sockaddr - Part.amounts) / 8);

/** The address of the call, a whole `struct sockaddr`. */
export const sockaddr = new Uint8Array(native.callBlock, Part.sockaddr, SOCKADDR_SIZE);

/** The descriptors of a call that passes some. */
export const descriptors = new Int32Array(native.callBlock, Part.message, MESSAGE_SIZE / 4);

/**
 * Fills the call block for a send or a receive.
 *
 * @param fd - The descriptor.
 * @param flags - MSG_* constants, joined by `|`.
 * @param offset - Where the bytes begin, in those that are handed to the binding.
 * @param length - How many there are, or at most how many to receive.
 * @param timeout - Seconds; below 0: no limit, 0: never wait.
 * @param addressLength - The bytes of the address to send to, or to make room for; 0 for none.
 */
export function fillCall(
  fd: number,
  flags: number,
  offset: number,
  length: number,
  timeout: number,
  addressLength: number,
): void {
  slots[Slot.fd] = fd;
  slots[Slot.flags] = flags;
  slots[Slot.addressLength] = addressLength;
  amounts[Amount.offset] = offset;
  amounts[Amount.length] = length;
  amounts[Amount.timeout] = timeout;
}
