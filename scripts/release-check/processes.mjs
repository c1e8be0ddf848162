// Runs programs, and all things of a list in twos.
import { spawn } from 'node:child_process';

const running = new Set();

/** Asks a program and its children to end: each is the head of a process group. The lab ends its kernel then. */
function end({ pid }) {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends what still runs. */
export function endAll() {
  for (const child of running) end(child);
}

/** A program in the background, which `endAll` ends. */
export function start(command, args, options) {
  const child = spawn(command, args, { ...options, detached: true });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** The standard output of a program; an error with all that it said where it fails or takes too long. */
export function run(command, args, { timeout = 300, ...options }) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        said[stream] += text;
      });
    }
    const clock = setTimeout(() => end(child), timeout * 1000);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(clock);
      if (code === 0) resolve(said.stdout);
      else reject(new Error(`${[command, ...args].join(' ')}: ${signal ?? code}\n${said.stdout}${said.stderr}`));
    });
  });
}

/** Calls an asynchronous function for each item, two at a time. */
export async function inTwos(items, call) {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await call(item);
  };
  await Promise.all([worker(), worker()]);
}
