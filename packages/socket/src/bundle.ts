// What is built: both faces in one bundle, so that they share their classes. `@bsd-sockets/socket` has the names of
// `names.ts`, and `@bsd-sockets/socket/promises` is the namespace. The constants are added to both after the build, as plain
// properties: a getter for each, as esbuild would make, took ten times as long to define as all the rest to load.
export * from './names';
export * as promises from './promises/names';
