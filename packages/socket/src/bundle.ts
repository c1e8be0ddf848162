// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `index.ts`, and `@bsd-sockets/socket/promises` is the namespace. What an ECMAScript module can import is read from the
// exports of this file alone: so the constants are named here too, and which one counts of those that have a type.
export * from '@bsd-sockets/core-native/constants';
export * from './index';
export { AF_INET, AF_INET6, AF_UNIX } from './index';
export * as promises from './promises';
