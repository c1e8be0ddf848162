import { native } from './native';
import { Slot } from './slot';

/** Arguments and results that the addon reads and writes in place. */
export const slots = new Float64Array(native.callBlock, 0, Object.keys(Slot).length);

/** The address of the call, a whole `struct sockaddr`. */
export const sockaddr = new Uint8Array(native.callBlock, slots.byteLength, 256);
