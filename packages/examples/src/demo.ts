// Runs the echo programs as pairs of processes, then shows what this host's kernel offers.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AF_INET6, createServer, OSError, probeReport } from '@bsd-sockets/socket';

/** Starts one of the programs, and prints its lines behind its name as they come. */
function start(name: string, args: string[], onLine: (line: string) => void = () => {}): ChildProcess {
  const program = join(import.meta.dirname, `${name}.js`);
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout! }).on('line', (line) => {
    console.log(`  ${name.padEnd(16)} (process ${child.pid}): ${line}`);
    onLine(line);
  });
  return child;
}

async function finished(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${child.spawnargs[1]} ended with code ${code}`);
}

async function echo(title: string, programs: [server: string, client: string], args: string[]): Promise<void> {
  console.log(`\n${title}`);
  let server!: ChildProcess;
  const line = await new Promise<string>((listening, failed) => {
    server = start(programs[0], args, listening);
    server.once('close', () => failed(new Error(`${programs[0]} did not listen`)));
  });
  // The server was given port 0, and says which one it got.
  const port = /, (\d+)/.exec(line)?.[1];
  const client = start(programs[1], port ? [port, ...args.slice(1)] : args);
  await Promise.all([finished(client), finished(server)]);
}

function hasIpv6Loopback(): boolean {
  try {
    createServer(['::1', 0], { family: AF_INET6 }).close();
    return true;
  } catch (error) {
    if (error instanceof OSError) return false;
    throw error;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
try {
  await echo('Echo over IPv4', ['echo-server', 'echo-client'], ['0', '127.0.0.1']);
  if (hasIpv6Loopback()) {
    await echo('Echo over IPv6', ['echo-server-any', 'echo-client-any'], ['0', '::1']);
  } else {
    console.log('\nEcho over IPv6: left out, this host has no ::1');
  }
  await echo('Echo over a unix socket', ['echo-server-unix', 'echo-client-unix'], [join(folder, 'echo')]);
  console.log(`\nWhat this kernel offers\n${probeReport()}`);
} finally {
  rmSync(folder, { recursive: true });
}
