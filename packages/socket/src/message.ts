import { type BytesLike, bytes, IOV_MAX, integer, native, Slot, slots, wrongValue } from '@bsd-sockets/core-native';
import { type AncillaryData, decodeControl, MOST_CONTROL } from './control-messages/cmsg';
import { ScmPidfd } from './control-messages/credentials';
import { ScmRights } from './control-messages/rights';
import { itemsOf } from './iterable';

/** The buffers of a message, as the addon takes them. */
export function gatherBuffers(buffers: Iterable<BytesLike>): Uint8Array[] {
  const views: Uint8Array[] = [];
  for (const buffer of itemsOf('buffers', buffers, 'buffers', IOV_MAX)) {
    views.push(buffer instanceof Uint8Array ? buffer : bytes(`buffers[${views.length}]`, buffer));
  }
  return views;
}

/** The buffers for the addon: a single one by itself, which takes it less than a list of one. */
export function gathered(views: readonly Uint8Array[]): Uint8Array | readonly Uint8Array[] {
  return views.length === 1 ? views[0]! : views;
}

/** How many bytes to receive into a buffer of `whole`, of which so many may be used, where 0 stands for all. */
export function lengthInto(whole: number, nbytes: number): number {
  return nbytes === 0 ? whole : partOf(whole, nbytes);
}

function partOf(whole: number, nbytes: number): number {
  if (integer('nbytes', nbytes, 0, Number.MAX_SAFE_INTEGER) > whole) {
    throw wrongValue('nbytes', `at most the ${whole} bytes of the buffer`, nbytes);
  }
  return nbytes;
}

/** The buffers without their first bytes, so many of which there are. */
export function viewsFrom(views: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  let next = 0;
  while (next < views.length && left >= views[next]!.length) left -= views[next++]!.length;
  return next === views.length ? [] : [views[next]!.subarray(left), ...views.slice(next + 1)];
}

/** Memory for the control data of one receive, which is used for no other; null for none. */
export function reserveControl(ancbufsize: number): Buffer | null {
  return integer('ancbufsize', ancbufsize, 0, MOST_CONTROL) === 0 ? null : Buffer.allocUnsafe(ancbufsize);
}

/** The part of it that the receive just now has filled. */
export function filledControl(memory: Buffer | null): Buffer | null {
  const length = slots[Slot.controlLength];
  return memory === null || memory.length === length ? memory : memory.subarray(0, length);
}

/** The control messages of a receive. */
export function ancillaryOf(control: Buffer | null): AncillaryData[] {
  return control === null ? [] : decodeControl(control, true);
}

/** The descriptors that were sent with what was received. Nobody gets that of the sender's process (SO_PASSPIDFD): it is closed. */
export function rightsOf(ancdata: readonly AncillaryData[]): number[] {
  const pidfd = ScmPidfd.decode(ancdata);
  if (pidfd !== undefined && pidfd >= 0) native.close(pidfd);
  return ancdata.flatMap((message) => ScmRights.decode([message]) ?? []);
}

/** Closes the descriptors of a receive that nobody will get. */
export function closeRights(control: Buffer | null): void {
  if (control === null) return;
  for (const fd of rightsOf(decodeControl(control, false))) native.close(fd);
}
