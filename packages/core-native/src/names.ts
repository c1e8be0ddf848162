export { type Abortable, AbortError, signalOf } from './abort';
export { addressRows } from './address-list';
export { type BytesLike, bytes, int32, integer, natural, outOfRange, partOf, wrongType, wrongValue } from './arguments';
export { type AuditEvents, type AuditHook, type AuditMessage, addAuditHook, audit, audited } from './audit';
export { type HostEntry, type Native, type Result, TIMED_OUT } from './bindings';
export { descriptors, fillCall, slots, sockaddr } from './call-block';
export { callListener } from './call-listener';
export { closeOnFailure } from './close-on-failure';
export * from './errors';
export { fsdecode, fsencode } from './fs-text';
export { isOptions, type KnownKeys, knownKeys, optionsOf } from './known-keys';
export { KNOWN_MOST } from './known-memory';
export { layout } from './layout';
export { addonPath } from './loader';
export { native, receiveKeeping, useFFI } from './native';
export { nodeModule } from './node-module';
export { done, refuse, rejecting } from './outcomes';
export { type Observer, readiness, type Watcher } from './readiness';
export {
  claim,
  FastBuffer,
  gather,
  join,
  keep,
  type Receiver,
  receiveBuffer,
  reserve,
  shorten,
} from './receive-memory';
export { rejection } from './rejection';
export { nameOfSignal } from './signal-names';
export { type SignalledWait, SignalledWaits } from './signalled-waits';
export { Slot } from './slot';
export { newSockaddr, sockaddrFamily } from './sockaddr';
export type { FieldLayout, Layouts, StructLayout } from './struct-layout';
export { LITTLE_ENDIAN, structBytes, structView } from './struct-view';
export { lengthOf, totalLength } from './view-length';
