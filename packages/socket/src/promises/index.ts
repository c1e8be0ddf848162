// What the promise face exports. The build adds the constants to what it makes of `names.ts`: `../index.ts` says why.
export * from '@bsd-sockets/core-native/constants';
export * from './names';
// These carry the types of their addresses.
export { AF_INET, AF_INET6, AF_UNIX } from './names';
