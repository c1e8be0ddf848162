export { type BytesLike, bytes, int32, integer, outOfRange, wrongType, wrongValue } from './arguments';
export { type AuditEvents, type AuditHook, type AuditMessage, addAuditHook, audit, audited } from './audit';
export { Slot, slots, sockaddr } from './call-block';
export * from './errors';
export { fsdecode, fsencode } from './fs-text';
export * from './generated/constants';
export { addonPath } from './loader';
export { type HostEntry, type Native, native, type Result, TIMED_OUT } from './native';
export { LITTLE_ENDIAN, newSockaddr } from './sockaddr';
