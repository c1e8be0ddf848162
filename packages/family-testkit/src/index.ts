export { capability, type Need, need, program } from './capability';
export type { Check } from './check';
export { type CodecSubject, codecConformance, type Refusal } from './codec-conformance';
export { runWithConstants } from './other-constants';
export { boundPair, connectedPair } from './pair';
export { Python } from './python';
export { type SocketPair, type SocketSubject, socketConformance } from './socket-conformance';
export { useWithoutAddon } from './without-addon';
