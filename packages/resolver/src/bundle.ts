// What is built: both faces in one bundle. `@bsd-sockets/resolver` has the names of `index.ts`, and
// `@bsd-sockets/resolver/promises` is the namespace.
export * from './index';
export * as promises from './promises';
