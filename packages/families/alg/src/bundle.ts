// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/alg` has the names of `index.ts`,
// and `@bsd-sockets/alg/promises` is the namespace.
export * from './index';
export * as promises from './promises';
