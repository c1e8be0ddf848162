import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { example, type Program, start as startCommand } from './process';

const CLIENTS = 8;

/** Clients that connect one after the other, all the time, until they are stopped. */
class Load {
  /** How many answers came from each process. */
  readonly answers = new Map<string, number>();
  readonly failures: unknown[] = [];
  private readonly clients: Promise<void>[];
  private stopped = false;

  constructor(private readonly port: number) {
    this.clients = Array.from({ length: CLIENTS }, () => this.run());
  }

  /** Waits until the process that serves now has answered so often. */
  async answered(count: number): Promise<void> {
    const before = new Map(this.answers);
    const most = () => Math.max(0, ...Array.from(this.answers, ([pid, sum]) => sum - (before.get(pid) ?? 0)));
    while (most() < count && this.failures.length === 0) await setImmediate();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        const [, pid] = /^(\d+) got hello$/.exec(await this.ask())!;
        this.answers.set(pid!, (this.answers.get(pid!) ?? 0) + 1);
      } catch (error) {
        this.failures.push(error);
        return;
      }
    }
  }

  private async ask(): Promise<string> {
    const socket = connect(this.port, '127.0.0.1').setEncoding('utf8').setTimeout(20_000);
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.end('hello');
    let answer = '';
    for await (const part of socket) answer += part;
    return answer;
  }
}

function start(path: string): Program {
  const program = example('handover-server', path, '0');
  onTestFinished(() => program.kill());
  return program;
}

test('a server is replaced five times under load, and no connection is lost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'handover-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'handover');

  let server = start(path);
  const line = await server.firstLine();
  const port = Number(/, (\d+)/.exec(line)![1]);
  const load = new Load(port);
  onTestFinished(() => load.stop());
  await load.answered(50);

  for (let count = 0; count < 5; count++) {
    const next = start(path);
    expect(await server.finish()).toEqual([line, 'Handed over']);
    expect(await next.firstLine()).toBe(line);
    await load.answered(50);
    server = next;
  }
  // One that asks and ends without having taken over changes nothing.
  const failing = connect(path);
  failing.on('error', () => {});
  await once(failing, 'connect');
  failing.destroy();
  await load.answered(50);

  await load.stop();
  expect(load.failures).toEqual([]);
  expect(load.answers.size).toBe(6);
  expect(server.lines).toEqual([line]);
});

const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e'];
const refused =
  spawnSync(nobody[0]!, [...nobody.slice(1), '0']).status === 0 ? '' : ' (root, and setpriv of util-linux)';

describe.skipIf(refused)(`nothing goes to another user, or comes from one${refused}`, () => {
  function openFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'handover-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    chmodSync(folder, 0o777);
    return join(folder, 'handover');
  }

  test('a process that has bound the path first is not believed', async () => {
    const path = openFolder();
    const program = "require('node:net').createServer().listen(process.argv[1], () => console.log('listens'))";
    const other = startCommand([...nobody, program, path]);
    expect(await other.firstLine()).toBe('listens');
    await expect(start(path).finish()).rejects.toThrow(`another user listens at ${path}`);
  });

  test('a process that asks for the sockets gets none', async () => {
    const path = openFolder();
    const server = start(path);
    const line = await server.firstLine();
    chmodSync(path, 0o777);
    const program = `require('node:net').connect(process.argv[1]).on('data', () => console.log('data'))
      .on('error', () => {}).on('close', () => console.log('nothing'))`;
    expect(await startCommand([...nobody, program, path]).finish()).toEqual(['nothing']);
    expect(server.lines).toEqual([line]);
  });
});
