// A registry server on loopback. It holds only our packages itself, and gets all others where npm is set to.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { start } from './processes.mjs';

const verdaccio = createRequire(import.meta.url).resolve('verdaccio/bin/verdaccio');

function npmConfig(name) {
  const value = execFileSync('npm', ['config', 'get', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return value.trim();
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts the server.
 *
 * @param folder - Where it keeps its files.
 * @returns Its URL.
 */
export async function startRegistry(folder) {
  const certificates = npmConfig('cafile');
  // What is JSON is YAML too.
  const configuration = join(folder, 'registry.yaml');
  writeFileSync(
    configuration,
    JSON.stringify({
      storage: join(folder, 'storage'),
      uplinks: {
        upstream: {
          url: npmConfig('registry'),
          timeout: '60s',
          maxage: '1h',
          ...(certificates !== 'null' && { ca: readFileSync(certificates, 'utf8') }),
        },
      },
      packages: {
        '@bsd-sockets/*': { access: '$all', publish: '$all' },
        '**': { access: '$all', proxy: 'upstream' },
      },
      web: { enable: false },
      log: { type: 'stdout', level: 'error' },
    }),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = start(process.execPath, [verdaccio, '--config', configuration, '--listen', `127.0.0.1:${port}`], {
    // It warns of root and of what it uses itself.
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (;;) {
    if (server.exitCode !== null) throw new Error(`the registry ended with ${server.exitCode}`);
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    if (answer?.ok) return url;
    await setTimeout(100);
  }
}
