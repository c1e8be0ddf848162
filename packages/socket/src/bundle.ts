// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `index.ts`, and `@bsd-sockets/socket/promises` is the namespace.
// The names from other packages again: Node's loader of ECMAScript modules sees those of the entry alone.
export * from '@bsd-sockets/core-native/constants';
export * from './index';
export * as promises from './promises';
