import type * as http from 'node:http';
import type * as https from 'node:https';
import { createRequire } from 'node:module';
import type * as tls from 'node:tls';
import type * as workerThreads from 'node:worker_threads';

/** Those that take long to load, and that many a program does without. */
interface Modules {
  'node:http': typeof http;
  'node:https': typeof https;
  'node:tls': typeof tls;
  'node:worker_threads': typeof workerThreads;
}

/**
 * Loads a module of Node's, when it is needed first.
 *
 * @param name - Its name.
 */
export const nodeModule: <Name extends keyof Modules>(name: Name) => Modules[Name] = /* @__PURE__ */ createRequire(
  process.execPath,
);
