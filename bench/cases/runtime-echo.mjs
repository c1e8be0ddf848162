import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const runtimes = fileURLToPath(new URL('../../scripts/runtimes.mjs', import.meta.url));

/** What starts a runtime; if it is not installed, its name, which the table then says. */
function commandOf(name) {
  const { stdout } = spawnSync(process.execPath, [runtimes, '--where', name], { encoding: 'utf8' });
  const program = stdout.trim() || name;
  return name === 'deno' ? [program, 'run', '--allow-all', '--no-prompt'] : [program];
}

const served = (connections, ...server) => ({ source: 'load.c', command: ['echo', `${connections}`, ...server] });

/** The promises of Node where a thread waits for them, as in Bun and Deno. */
const byThread = ['env', 'BSD_SOCKETS_READINESS=thread', process.execPath];

function echo(name, connections, ours, own, peer, targets = {}) {
  return {
    name: `${name}-echo-${connections}`,
    work: `As tcp-echo-async-${connections}, served by ${name}.`,
    unit: `round trips on ${connections} connections`,
    peers: { ours: served(connections, ...ours), [peer]: served(connections, ...own) },
    targets,
    also: [{ name: `${name}-echo-${connections}-cpu`, targets: {} }],
  };
}

export default [1, 100].flatMap((connections) => [
  ...['bun', 'deno'].map((name) => {
    const command = commandOf(name);
    // 0.8 of its messages in a second.
    const targets = connections === 100 ? { [`${name}-listen`]: 1.25 } : {};
    const [ours, own] = ['tcp-echo-async.mjs', 'tcp-echo-own.mjs'].map((file) => [...command, file]);
    return echo(name, connections, ours, own, `${name}-listen`, targets);
  }),
  echo(
    'thread',
    connections,
    [...byThread, 'tcp-echo-async.mjs'],
    [process.execPath, 'tcp-echo-async.mjs'],
    'event-loop',
  ),
]);
