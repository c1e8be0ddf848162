// What the blocking face exports. The build adds the constants to what it makes of `names.ts`, as plain properties: a getter for
// each, as esbuild would make, took ten times as long to define as all the rest to load.
export * from '@bsd-sockets/core-native/constants';
export * from './names';
// These carry the types of their addresses.
export { AF_INET, AF_INET6, AF_UNIX } from './names';
