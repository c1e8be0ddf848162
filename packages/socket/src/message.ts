import { type BytesLike, bytes, IOV_MAX, integer, native, Slot, slots, wrongValue } from '@bsd-sockets/core-native';
import { type AncillaryData, ControlMemory, decodeControl, MOST_CONTROL } from './control-messages/cmsg';
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
  return nbytes === 0 ? whole : atMost(whole, nbytes);
}

function atMost(whole: number, nbytes: number): number {
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

/** The most bytes of memory for control data that is kept. */
const KEPT_MOST = 1024;
/** Memory for control data by its size: what was received is copied out of it. */
const kept: (ControlMemory | undefined)[] = [];

/** Memory for the control data of a receive, until the next one; null for none. */
export function reserveControl(ancbufsize: number): ControlMemory | null {
  if (integer('ancbufsize', ancbufsize, 0, MOST_CONTROL) === 0) return null;
  if (ancbufsize > KEPT_MOST) return new ControlMemory(ancbufsize);
  kept[ancbufsize] ??= new ControlMemory(ancbufsize);
  return kept[ancbufsize];
}

/** The control messages of the receive just now. */
export function ancillaryOf(control: ControlMemory | null, warn: boolean): AncillaryData[] {
  return control === null ? [] : decodeControl(control, 0, slots[Slot.controlLength]!, warn);
}

/** The descriptors that were sent with what was received. Nobody gets that of the sender's process (SO_PASSPIDFD): it is closed. */
export function rightsOf(ancdata: readonly AncillaryData[]): number[] {
  const pidfd = ScmPidfd.decode(ancdata);
  if (pidfd !== undefined && pidfd >= 0) native.close(pidfd);
  return ancdata.flatMap((message) => ScmRights.decode([message]) ?? []);
}

/** Closes the descriptors of a receive that nobody will get. */
export function closeRights(ancdata: readonly AncillaryData[]): void {
  for (const fd of rightsOf(ancdata)) native.close(fd);
}
