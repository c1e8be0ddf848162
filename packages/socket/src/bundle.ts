// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `index.ts`, and `@bsd-sockets/socket/promises` is the namespace.

// Once more here: Node finds the names of an ECMAScript module only in what the bundle's own file re-exports.
export * from '@bsd-sockets/core-native/constants';
export * from './index';
export * as promises from './promises';
