import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  AF_BLUETOOTH,
  type BluetoothAddressLike,
  BTPROTO_HCI,
  decodeBdaddr,
  decodeHciMessage,
  encodeHciMessage,
  HCI_CHANNEL_CONTROL,
  HCI_DEV_NONE,
  type HciMessage,
  type HciMessageLike,
  MGMT_EV_CMD_COMPLETE,
  MGMT_EV_CMD_STATUS,
  MGMT_EV_INDEX_ADDED,
  MGMT_EV_INDEX_REMOVED,
  MGMT_OP_READ_INFO,
  MGMT_OP_SET_ADVERTISING,
  MGMT_OP_SET_CONNECTABLE,
  MGMT_OP_SET_EXP_FEATURE,
  MGMT_OP_SET_LE,
  MGMT_OP_SET_POWERED,
} from '@bsd-sockets/bluetooth';
import {
  capability,
  connectedPair,
  type Need,
  need,
  program,
  type SocketSubject,
  socketConformance,
} from '@bsd-sockets/family-testkit';
import { type Socket as BlockingSocket, OSError, SOCK_RAW } from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';
import { afterAll, afterEach, expect, test } from 'vitest';

/** Seconds after which a test gives up. */
export const LONG = 60;

/** What a test of a protocol needs: a kernel with it, where the test may add adapters, and their emulator. */
export function lab(type: string, proto: string): Need {
  const needs = [capability('AF_BLUETOOTH', type, proto), program('btvirt', 'bluez-test-tools')];
  const missing = needs.find(({ available }) => !available);
  if (missing) return missing;
  if (process.env.BSD_SOCKETS_LAB) return { available: true, reason: '' };
  return { available: false, reason: '(its emulated adapters are only for the kernel lab)' };
}

/** An adapter of this host. */
export interface Adapter {
  readonly index: number;
  readonly bdaddr: string;
}

/** The kernel's management interface. */
export class Management {
  readonly socket = new Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);

  private constructor() {
    this.socket.settimeout(LONG);
  }

  static async open(): Promise<Management> {
    const management = new Management();
    await management.socket.bind([HCI_DEV_NONE, HCI_CHANNEL_CONTROL]);
    return management;
  }

  /** The next message with one of the codes; others are passed over. */
  async next(...codes: number[]): Promise<HciMessage> {
    for (;;) {
      const message = decodeHciMessage(await this.socket.recv(65_541));
      if (codes.includes(message.code)) return message;
    }
  }

  /** Has a command done, and returns what it answers. */
  async command(command: HciMessageLike): Promise<Buffer> {
    await this.socket.send(encodeHciMessage(command));
    for (;;) {
      const { index, parameters } = await this.next(MGMT_EV_CMD_COMPLETE, MGMT_EV_CMD_STATUS);
      if (parameters.readUInt16LE(0) !== command.code) continue;
      const status = parameters.readUInt8(2);
      if (status !== 0) throw new Error(`management command ${command.code} of adapter ${index}: status ${status}`);
      return parameters.subarray(3);
    }
  }
}

const nobody: Adapter = { index: 0, bdaddr: '00:00:00:00:00:00' };

/**
 * Two emulated adapters that hear each other, powered on, until the test file ends.
 *
 * @param needed - Where it is missing, there are none, and the tests must skip.
 * @param emulator - The command that makes them.
 */
export async function twoAdapters(needed: Need, ...emulator: [string, ...string[]]): Promise<[Adapter, Adapter]> {
  if (!needed.available) return [nobody, nobody];
  const management = await Management.open();
  const process = spawn(emulator[0], emulator.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  const added = [await management.next(MGMT_EV_INDEX_ADDED), await management.next(MGMT_EV_INDEX_ADDED)];
  const adapters: Adapter[] = [];
  for (const { index } of added) {
    for (const code of [MGMT_OP_SET_LE, MGMT_OP_SET_POWERED, MGMT_OP_SET_CONNECTABLE]) {
      await management.command({ code, index, parameters: Buffer.of(1) });
    }
    const info = await management.command({ code: MGMT_OP_READ_INFO, index });
    adapters.push({ index, bdaddr: decodeBdaddr(info.subarray(0, 6)) });
  }
  afterEach(() => {
    for (const peer of running.splice(0)) peer.kill('SIGKILL');
  });
  afterAll(async () => {
    process.kill();
    for (let count = 0; count < 2; count++) await management.next(MGMT_EV_INDEX_REMOVED);
    management.socket.close();
  });
  return adapters as [Adapter, Adapter];
}

/** Has an adapter of Low Energy found by others, which can connect to it. */
export async function advertise({ index }: Adapter): Promise<void> {
  const management = await Management.open();
  using _socket = management.socket;
  await management.command({ code: MGMT_OP_SET_ADVERTISING, index, parameters: Buffer.of(2) });
}

/**
 * Two connected sockets. The kernel ends the link below some time after its last connection, and a connect that comes just
 * then is lost: so it is tried again.
 */
export function linkedPair(
  type: number,
  proto: number,
  server: BluetoothAddressLike,
  client: BluetoothAddressLike,
): [BlockingSocket<typeof AF_BLUETOOTH>, BlockingSocket<typeof AF_BLUETOOTH>] {
  for (let tries = 1; ; tries++) {
    try {
      return connectedPair(AF_BLUETOOTH, type, proto, server, client, 5);
    } catch (error) {
      if (!(error instanceof OSError) || tries === 8) throw error;
    }
  }
}

/**
 * The conformance suite as tests. Where the kernel resets a socket whose peer closes, that is checked in the place of
 * an end.
 */
export function conformance(close: 'ends' | 'resets', subject: SocketSubject<typeof AF_BLUETOOTH>): void {
  for (const { name, run } of socketConformance(subject)) {
    if (close === 'ends' || !name.endsWith('a close ends the stream of the peer')) test(name, run);
  }
  if (close === 'ends') return;
  test('a close resets the stream of the peer', async () => {
    const [first, second] = await subject.open();
    using _second = second;
    second.settimeout(LONG);
    first.close();
    expect(() => second.recv(1)).toThrow(expect.objectContaining({ code: 'ECONNRESET' }));
  });
}

const ISO_FEATURE = Buffer.from('6fbaf18805e0496a9885d6ddfdb4e03e', 'hex').reverse();

/** Has the kernel offer BTPROTO_ISO, which is experimental. */
export async function enableIso(): Promise<void> {
  const management = await Management.open();
  using _socket = management.socket;
  const parameters = Buffer.concat([ISO_FEATURE, Buffer.of(1)]);
  await management.command({ code: MGMT_OP_SET_EXP_FEATURE, parameters });
}

const running: ChildProcess[] = [];

/** A process that is not ours, and what it prints. */
export class Peer {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly lines: AsyncIterator<string>;

  constructor(command: string, ...args: string[]) {
    // BlueZ's test programs tell on standard error how they do, and show data on a buffered standard output.
    const shell = ['-c', 'exec stdbuf -oL "$0" "$@" 2>&1', command, ...args];
    this.child = spawn('sh', shell, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.ended = once(this.child, 'close');
    running.push(this.child);
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the peer ended without a line');
    return value;
  }

  /** Passes over lines up to one that matches. */
  async lineLike(pattern: RegExp): Promise<string> {
    const seen: string[] = [];
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error(`the peer ended without ${pattern}: ${seen.join('\n')}`);
      if (pattern.test(value)) return value;
      seen.push(value);
    }
  }

  /** Waits for its good end. */
  async finish(): Promise<void> {
    await this.ended;
    if (this.child.exitCode !== 0) throw new Error(`exit code ${this.child.exitCode}`);
  }
}

const interpreters = ['python3', '/usr/bin/python3'];
const interpreter = interpreters.find(
  (name) => spawnSync(name, ['-c', 'import socket; socket.AF_BLUETOOTH'], { stdio: 'ignore' }).status === 0,
);

/** A CPython that was built with Bluetooth. */
export const python = need(interpreter !== undefined, 'a python3 with AF_BLUETOOTH: apt-get install python3');

/** CPython with a program that has `socket`. Its output comes line by line. */
export function cpython(program: string): Peer {
  return new Peer(interpreter!, '-u', '-c', `import socket\n${program}`);
}

/**
 * A server in CPython that says when it listens and who connects, answers one message in capitals, and ends with the
 * connection. `proto` and `address` are as CPython has them.
 */
export function capitalsServer(type: number, proto: string, address: string): Peer {
  return cpython(`
s = socket.socket(socket.AF_BLUETOOTH, ${type}, socket.${proto})
s.bind(${address})
s.listen()
print("ready")
c, address = s.accept()
print(address)
c.send(c.recv(100).upper())
try:
    c.recv(100)
except ConnectionResetError:
    pass
`);
}
