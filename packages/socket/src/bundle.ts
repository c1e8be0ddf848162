// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `index.ts`, and `@bsd-sockets/socket/promises` is the namespace.
// The constants again, because the bundler tells Node only of what this file itself takes from another package.
export * from '@bsd-sockets/core-native/constants';
export * from './index';
export { AF_INET, AF_INET6, AF_UNIX } from './index';
export * as promises from './promises';
