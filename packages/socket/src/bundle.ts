// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `index.ts`, and `@bsd-sockets/socket/promises` is the namespace.

// Node finds the names of another CommonJS module only where the entry itself exports them.
export * from '@bsd-sockets/core-native/constants';
export * from './index';
export * as promises from './promises';
