// Echo between Windows' Node in Wine and CPython on Linux, over the loopback that both see, both ways; test:windows runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const path = (file) => fileURLToPath(new URL(file, import.meta.url));
const onWindows = (name, ...args) => ['sh', path('node.sh'), `packages/examples/dist/${name}.js`, ...args];
const inPython = (...args) => ['python3', path('../packages/examples/test/echo_peer.py'), ...args];

/** Starts a program, and returns its process and the lines that it prints. */
function start([command, ...args]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return {
    child,
    ended: once(child, 'close'),
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
  };
}

/** What a client receives of a server, whose first line ends with the port. */
async function echo(server, client) {
  const serving = start(server);
  const { value: listening } = await serving.lines.next();
  const asking = start(client(/, (\d+)/.exec(listening)[1]));
  const { value: received } = await asking.lines.next();
  const ends = await Promise.all([serving.ended, asking.ended]);
  if (received !== 'Received Hello, world' || ends.some(([code]) => code !== 0)) {
    throw new Error(`${client('PORT').join(' ')}: ${received}, exit codes ${ends.map(([code]) => code).join(' and ')}`);
  }
}

await echo(onWindows('echo-server', '0', '127.0.0.1'), (port) => inPython('client', 'inet', port, '127.0.0.1'));
await echo(inPython('server', 'inet', '0', '127.0.0.1'), (port) => onWindows('echo-client', port, '127.0.0.1'));
console.log('echo: Node on Windows served CPython on Linux, and was served by it');
