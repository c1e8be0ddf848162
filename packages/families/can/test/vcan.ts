import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { capability, type Need } from '@bsd-sockets/family-testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';

/** Seconds after which a test gives up. */
export const LONG = 20;

/** What a test of a protocol needs: a kernel with it, where the test may add interfaces. */
export function lab(type: string, proto: string): Need {
  const need = capability('AF_CAN', type, proto);
  if (!need.available || process.env.BSD_SOCKETS_LAB) return need;
  return { available: false, reason: '(its virtual CAN bus is only for the kernel lab)' };
}

/** Adds a virtual CAN bus for the tests of a `describe`. @param mtu - 16, 72 for CAN FD, 2060 for CAN XL. */
export function virtualBus(ifname: string, mtu: number): void {
  beforeAll(() => {
    execFileSync('ip', ['link', 'add', 'dev', ifname, 'type', 'vcan']);
    execFileSync('ip', ['link', 'set', ifname, 'mtu', `${mtu}`, 'up']);
  });
  afterAll(() => void execFileSync('ip', ['link', 'del', ifname]));
  afterEach(() => {
    for (const peer of running.splice(0)) peer.kill();
  });
}

const running: Peer[] = [];

/** A process that is not ours, and what it prints. */
export class Peer {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(command: string, ...args: string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.child.stderr!.on('data', (text) => {
      this.errors += text;
    });
    running.push(this);
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the peer ended without a line: ${this.errors}`);
    return value;
  }

  /** Gives it all its input. */
  end(text: string): void {
    this.child.stdin!.end(text);
  }

  /** Waits for its good end. */
  async finish(): Promise<void> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    if (this.child.exitCode !== 0) throw new Error(`exit code ${this.child.exitCode}: ${this.errors}`);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** CPython with a program that has `socket`, `struct` and a bus's name in `bus`. Its output comes line by line. */
export function cpython(bus: string, program: string): Peer {
  const head = `import socket, struct\nbus = ${JSON.stringify(bus)}\n`;
  return new Peer('python3', '-u', '-c', head + program);
}

function receivers(ifname: string): number {
  const lists = readdirSync('/proc/net/can').filter((name) => name.startsWith('rcvlist_'));
  const rows = lists.flatMap((name) => readFileSync(`/proc/net/can/${name}`, 'utf8').split('\n'));
  return rows.filter((row) => row.trimStart().startsWith(`${ifname} `)).length;
}

/** Starts a peer that says nothing when it is ready, and waits until the kernel delivers frames to it. */
export async function receiver(ifname: string, command: string, ...args: string[]): Promise<Peer> {
  const before = receivers(ifname);
  const peer = new Peer(command, ...args);
  const end = Date.now() + LONG * 1000;
  while (receivers(ifname) === before) {
    if (Date.now() > end) throw new Error(`${command} receives nothing`);
    await setTimeout(10);
  }
  return peer;
}
