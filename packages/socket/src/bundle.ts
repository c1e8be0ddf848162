// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `index.ts`, and `@bsd-sockets/socket/promises` is the namespace.
export * from './index';
// Node finds the names of another CommonJS module only where the entry itself exports them.
export * from '@bsd-sockets/core-native/constants';
export * as promises from './promises';
