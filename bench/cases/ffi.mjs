import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const runtimes = fileURLToPath(new URL('../../scripts/runtimes.mjs', import.meta.url));
/** Node 26; if it is not installed, its name, which the table then says. */
const node =
  spawnSync(process.execPath, [runtimes, '--where', 'node-26'], { encoding: 'utf8' }).stdout.trim() || 'node-26';
const byFFI = ['env', 'BSD_SOCKETS_FFI=1', 'NODE_NO_WARNINGS=1', node];

function both(name, of, unit, program, c, targets) {
  return {
    name: `ffi-${name}`,
    work: `As ${of}, on Node 26 by node:ffi; beside it by Node-API.`,
    unit,
    peers: {
      ours: { command: [...byFFI, ...program] },
      'node-api': { command: [node, ...program] },
      c,
    },
    targets,
  };
}

const pingpong = (receive) => ['pingpong-unix.mjs', '64', receive];
const c = { source: 'pingpong-unix.c', command: ['64'] };

export default [
  both('pingpong-unix-64', 'pingpong-unix-64', 'sends and receives', pingpong('recv'), c, { c: 1.06 }),
  both('pingpong-unix-64-into', 'pingpong-unix-64-into', 'sends and receives', pingpong('recv-into'), c, { c: 1.03 }),
  both(
    'udp-recv-64',
    'udp-recv-64',
    'datagrams',
    ['udp-single.mjs', 'recv'],
    { source: 'udp-single.c', command: ['recv'] },
    { c: 1.12 },
  ),
];
