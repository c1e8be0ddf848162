// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `index.ts`, and `@bsd-sockets/socket/promises` is the namespace.

// Of what `index.ts` exports from elsewhere by a star, Node would not find the names for its ECMAScript modules.
export * from '@bsd-sockets/core-native/constants';
export * from './index';
export { AF_INET, AF_INET6, AF_UNIX } from './index';
export * as promises from './promises';
