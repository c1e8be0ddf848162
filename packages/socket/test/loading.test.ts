import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { runProgram } from './program';

const promises = createRequire(import.meta.url).resolve('@bsd-sockets/socket/promises');

test.skipIf(without('Node'))('modules of Node that a program does not use are not loaded (Node)', async () => {
  const { said, stderr } = await runProgram(
    `const LATE = ['https', 'http', 'tls', 'worker_threads'];
     const loaded = () => say(LATE.filter((name) => process.moduleLoadList.includes('NativeModule ' + name)));
     const { HttpsAgent, HttpAgent } = require(args[0]);
     loaded();
     const dialled = { family: sockets.AF_UNIX, address: 'nowhere' };
     new HttpAgent(dialled).destroy();
     loaded();
     new HttpsAgent(dialled).destroy();
     loaded();`,
    { args: [promises] },
  );
  const withHttps = ['https', 'http', 'tls'];
  expect([stderr, said]).toEqual(['', [[], ['http'], withHttps]]);
});

test("agents are instances of Node's, and may have subclasses", async () => {
  const { said, stderr } = await runProgram(
    `const { HttpAgent, HttpsAgent } = require(args[0]);
     const dialled = { family: sockets.AF_UNIX, address: 'nowhere' };
     class Own extends HttpsAgent { name = 'own'; }
     const own = new Own(dialled);
     const plain = new HttpAgent({ ...dialled, maxSockets: 3 });
     const http = require('node:http');
     const https = require('node:https');
     say([own instanceof https.Agent, own instanceof HttpsAgent, own instanceof HttpAgent, own.name, own.constructor.name]);
     say([plain instanceof http.Agent, plain instanceof https.Agent, plain.maxSockets, HttpAgent.name]);
     say([HttpAgent.defaultMaxSockets === http.Agent.defaultMaxSockets, typeof new HttpAgent(dialled).createSocket]);`,
    { args: [promises] },
  );
  expect([stderr, said]).toEqual([
    '',
    [
      [true, true, false, 'own', 'Own'],
      [true, false, 3, 'HttpAgent'],
      [true, 'function'],
    ],
  ]);
});

test('the promise face comes when it is asked for, and is of the same packages after a stat of a socket', async () => {
  const { said, stderr } = await runProgram(
    `const { statSync } = require('node:fs');
     const server = sockets.createServer(['127.0.0.1', 0]);
     // Node 20 and 22 follow no symbolic links then.
     try { statSync('/proc/self/fd/' + server.fileno()); } catch {}
     server.close();
     const { promises } = sockets;
     say([promises.Socket === require(args[0]).Socket, promises.Socket.prototype instanceof sockets.BaseSocket]);
     say(promises.OSError === sockets.OSError);`,
    { args: [promises] },
  );
  expect([stderr, said]).toEqual(['', [[true, true], true]]);
});

test('the blocking face loads no lookups by promises, which come with the promise face', async () => {
  const { said, stderr } = await runProgram(
    `const loaded = () => say(Object.keys(require.cache).some((path) => path.endsWith('promises-bundle.js')));
     loaded();
     sockets.promises;
     loaded();`,
  );
  expect([stderr, said]).toEqual(['', [false, true]]);
});
