import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { program } from '@bsd-sockets/family-testkit';
import * as systemd from '@bsd-sockets/sd-notify';
import {
  AF_UNIX,
  Socket as BlockingSocket,
  CMSG_SPACE,
  options,
  ScmCredentials,
  ScmRights,
  SOCK_DGRAM,
} from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';

const systemdNotify = program('systemd-notify', 'systemd');
const systemdActivate = program('systemd-socket-activate', 'systemd');
const PATH = createRequire(import.meta.url).resolve('@bsd-sockets/sd-notify');
const folder = mkdtempSync(join(tmpdir(), 'sd-notify-'));
const variables = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/** The service manager: what sd_notify(3) says of it. */
let manager: Socket<typeof AF_UNIX>;
let count = 0;

beforeEach(async () => {
  manager = new Socket(AF_UNIX, SOCK_DGRAM);
  manager.setOption(options.SO_PASSCRED, true);
  manager.settimeout(10);
  process.env.NOTIFY_SOCKET = join(folder, `${count++}`);
  await manager.bind(process.env.NOTIFY_SOCKET);
});

afterEach(() => {
  systemd.stopWatchdogMode();
  manager.close();
  for (const name of variables) delete process.env[name];
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What the service manager is told, with the descriptors. */
async function told(): Promise<[state: string, fds: number[], pid: number]> {
  const [data, ancdata] = await manager.recvmsg(4096, CMSG_SPACE(12) + CMSG_SPACE(4 * 253));
  return [data.toString(), ScmRights.decode(ancdata) ?? [], ScmCredentials.decode(ancdata)!.pid];
}

const descriptors = () => readdirSync('/proc/self/fd').length;

describe('the service manager is told', () => {
  test('that the service is ready, how it is, and that it ends', async () => {
    const before = descriptors();
    const said = [
      [() => systemd.ready(), 'READY=1'],
      [() => systemd.watchdog(), 'WATCHDOG=1'],
      [() => systemd.sendStatus('50 % done'), 'STATUS=50 % done'],
      [() => systemd.sendState('STATUS=a\nERRNO=2\n'), 'STATUS=a\nERRNO=2\n'],
      [() => systemd.extendTimeout(1.5), 'EXTEND_TIMEOUT_USEC=1500000'],
      [() => systemd.removeDescriptors('stored'), 'FDSTOREREMOVE=1\nFDNAME=stored'],
      [() => systemd.stopping(), 'STOPPING=1'],
    ] as const;
    for (const [call, state] of said) {
      expect(call()).toBe(true);
      expect(await told()).toEqual([state, [], process.pid]);
    }
    systemd.reloading();
    const [state] = await told();
    expect(state).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    const uptime = execFileSync('cut', ['-d.', '-f1', '/proc/uptime'], { encoding: 'utf8' });
    expect(Math.abs(Number(state.split('=')[2]) / 1e6 - Number(uptime))).toBeLessThan(10);
    expect(descriptors()).toBe(before);
  });

  test('at an abstract address too', async () => {
    const abstract = new BlockingSocket(AF_UNIX, SOCK_DGRAM);
    abstract.bind(`\0sd-notify-${process.pid}`);
    process.env.NOTIFY_SOCKET = `@sd-notify-${process.pid}`;
    expect(systemd.ready()).toBe(true);
    expect(abstract.recv(100).toString()).toBe('READY=1');
    abstract.close();
  });

  test('nothing, if it does not want to know', async () => {
    delete process.env.NOTIFY_SOCKET;
    expect([systemd.ready(), systemd.notify('READY=1'), await systemd.barrier()]).toEqual([false, false, false]);
    expect(systemd.storeDescriptors([0])).toBe(false);
  });

  test('nothing, and a loop of barriers lets others have their turn', async () => {
    delete process.env.NOTIFY_SOCKET;
    let turn = false;
    setImmediate(() => {
      turn = true;
    });
    for (let count = 0; count < 1000 && !turn; count++) await systemd.barrier();
    expect(turn).toBe(true);
  });

  test('of what it cannot be told, a warning says why; notify throws', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    process.env.NOTIFY_SOCKET = join(folder, 'nobody');
    expect(systemd.ready()).toBe(false);
    expect(await warned).toMatchObject({ code: 'ENOENT' });
    expect(() => systemd.notify('READY=1')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    process.env.NOTIFY_SOCKET = 'vsock:2:1';
    expect(() => systemd.notify('READY=1')).toThrow('NOTIFY_SOCKET');
  });

  test('bad arguments are refused by their names', async () => {
    expect(() => systemd.notify(1 as any)).toThrow('state');
    expect(() => systemd.sendStatus('two\nREADY=1')).toThrow('text');
    expect(() => systemd.extendTimeout(-1)).toThrow('seconds');
    expect(() => systemd.storeDescriptors([0], { name: 'a:b' })).toThrow('name');
    expect(() => systemd.storeDescriptors(['0' as any])).toThrow('fds[0]');
    expect(() => systemd.storeDescriptors([0], { pol: false } as any)).toThrow("did you mean 'poll'?");
    await expect(systemd.barrier({ timeuot: 1 } as any)).rejects.toThrow("did you mean 'timeout'?");
    expect(() => systemd.startWatchdogMode(-1)).toThrow('interval');
    expect(() => systemd.journalPrint(8, 'text')).toThrow('level');
  });
});

describe('the descriptor store', () => {
  test('gets duplicates of descriptors under a name, and a barrier waits until it has them', async () => {
    // The first wait opens what stays open.
    const waiting = manager.recv(1);
    systemd.ready();
    await waiting;
    const before = descriptors();
    const file = openSync(PATH, 'r');
    const listening = new BlockingSocket(AF_UNIX, SOCK_DGRAM);
    expect(systemd.storeDescriptors([file, listening], { name: 'kept', poll: false })).toBe(true);
    let passed = false;
    const barrier = systemd.barrier().then((result) => {
      passed = result;
    });
    const [state, fds] = await told();
    expect(state).toBe('FDSTORE=1\nFDNAME=kept\nFDPOLL=0');
    expect(fstatSync(fds[0]!).ino).toBe(fstatSync(file).ino);
    expect(fstatSync(fds[1]!).isSocket()).toBe(true);
    const [barrierState, [end, ...others]] = await told();
    expect([barrierState, others]).toEqual(['BARRIER=1', []]);
    await setTimeout(5);
    expect(passed).toBe(false);
    for (const fd of [...fds, end!]) closeSync(fd);
    await barrier;
    expect(passed).toBe(true);
    closeSync(file);
    listening.close();
    expect(descriptors()).toBe(before);
  });

  test('a barrier that nobody passes ends with its time or its signal', async () => {
    const before = descriptors();
    await expect(systemd.barrier({ timeout: 0.01 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await expect(systemd.barrier({ signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(systemd.barrier({ timeout: -1 })).rejects.toThrow('timeout');
    expect(descriptors()).toBe(before);
  });
});

describe('the watchdog', () => {
  test('is fed in a cycle', async () => {
    systemd.startWatchdogMode(5);
    systemd.startWatchdogMode(5);
    for (let times = 0; times < 3; times++) expect(await told()).toEqual(['WATCHDOG=1', [], process.pid]);
    systemd.stopWatchdogMode();
    await setTimeout(20);
    manager.setblocking(false);
    while ((await manager.recv(100).catch(() => '')).toString()) {}
    await setTimeout(20);
    await expect(manager.recv(100)).rejects.toMatchObject({ code: 'EAGAIN' });
  });

  test('is fed now and then where that is seldom wanted: an interval may be longer than a timer of Node', async () => {
    process.env.WATCHDOG_USEC = `${60 * 86400 * 1e6}`;
    for (const interval of [undefined, 2 ** 31, Number.POSITIVE_INFINITY]) systemd.startWatchdogMode(interval);
    await setTimeout(20);
    manager.setblocking(false);
    await expect(manager.recv(100)).rejects.toMatchObject({ code: 'EAGAIN' });
  });

  test('its interval is that of this process, in milliseconds', () => {
    const interval = (usec?: string, pid?: string) => {
      for (const [name, value] of Object.entries({ WATCHDOG_USEC: usec, WATCHDOG_PID: pid })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      return systemd.watchdogInterval();
    };
    expect([interval(), interval('3000000'), interval('1500', `${process.pid}`)]).toEqual([0, 3000, 1]);
    expect([interval('3000000', '1'), interval('text'), interval('')]).toEqual([0, 0, 0]);
  });
});

describe('activation', () => {
  const names = (environment: NodeJS.ProcessEnv) =>
    execFileSync(
      'sh',
      [
        '-c',
        'exec "$0" -e "$1" 3</dev/null 4</dev/null',
        process.execPath,
        `
        process.env.LISTEN_PID ??= process.pid;
        const { listenFds } = require(${JSON.stringify(PATH)});
        const flags = (fd) => /flags:\\s*(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/fdinfo/' + fd))[1];
        const found = listenFds(process.env.UNSET === '1');
        console.log(JSON.stringify([found, found.every(({ fd }) => parseInt(flags(fd), 8) & 0o2000000), listenFds().length]));`,
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } },
    ).trim();

  test('passes descriptors with their names, once if so wanted, to this process only', () => {
    const listed = (first: string, second: string) =>
      JSON.stringify([
        { fd: 3, name: first },
        { fd: 4, name: second },
      ]);
    expect(names({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'http:stored' })).toMatch(`[${listed('http', 'stored')},`);
    expect(names({ LISTEN_FDS: '2' })).toBe(`[${listed('unknown', 'unknown')},true,2]`);
    expect(names({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'http', UNSET: '1' })).toBe(
      `[${listed('http', 'unknown')},true,0]`,
    );
    expect(names({ LISTEN_FDS: '2', LISTEN_PID: '1' })).toBe('[[],true,0]');
    expect(names({})).toBe('[[],true,0]');
  });

  test.skipIf(!systemdActivate.available)(`by systemd itself ${systemdActivate.reason}`, async () => {
    const path = join(folder, 'activated');
    const source = `
      const { listenFds } = require(${JSON.stringify(PATH)});
      const [{ fd, name }] = listenFds();
      require('node:http').createServer((_, response) => response.end(name, () => process.exit())).listen({ fd });`;
    const activate = ['--listen', path, '--fdname', 'web', process.execPath, '-e', source];
    const child = spawn('systemd-socket-activate', activate, { stdio: 'ignore' });
    const request = () =>
      new Promise<string>((resolve, reject) => {
        get({ socketPath: path }, async (response) => {
          for await (const chunk of response) resolve(chunk.toString());
        }).on('error', reject);
      });
    for (;;) {
      const answer = await request().catch(() => setTimeout(20));
      if (answer === undefined) continue;
      expect(answer).toBe('web');
      break;
    }
    child.kill();
  });
});

test.skipIf(!systemdNotify.available)(`says the same as systemd-notify ${systemdNotify.reason}`, async () => {
  const theirs = async (...args: string[]) => {
    const notified = new Promise((resolve) => {
      execFile('systemd-notify', args, resolve);
    });
    const [state] = await told();
    const [barrier, [end]] = await told();
    closeSync(end!);
    await notified;
    return [state, barrier];
  };
  const ours = async (call: () => void) => {
    call();
    const barrier = systemd.barrier();
    const [state] = await told();
    const [barrierState, [end]] = await told();
    closeSync(end!);
    await barrier;
    return [state, barrierState];
  };
  expect(await ours(systemd.ready)).toEqual(await theirs('--ready'));
  expect(await ours(() => systemd.sendStatus('Waiting'))).toEqual(await theirs('--status=Waiting'));
  expect(await ours(systemd.stopping)).toEqual(await theirs('STOPPING=1'));
});

test('the journal gets messages with their level, of several lines too', () => {
  const source = `
    const { AF_UNIX, SOCK_DGRAM, Socket } = require('@bsd-sockets/socket');
    const { log, journalPrint } = require(${JSON.stringify(PATH)});
    const journal = new Socket(AF_UNIX, SOCK_DGRAM);
    log.warning('before', 'it', 'runs');
    log.notice('in\\nthree\\n\\nlines');
    journal.bind('/run/systemd/journal/socket');
    log.error('two', 'parts');
    journalPrint(6, 'two\\nlines');
    for (let times = 0; times < 2; times++) console.log(JSON.stringify(journal.recv(1000).toString('latin1')));`;
  const shell = 'mount -t tmpfs none /run && mkdir -p /run/systemd/journal && exec "$0" -e "$1"';
  const args = ['--mount', 'sh', '-ec', shell, process.execPath, source];
  const isRoot = process.getuid!() === 0;
  const { stdout, stderr } = spawnSync('unshare', isRoot ? args : ['--map-root-user', ...args], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  });
  const entry = (level: number, message: string) =>
    `PRIORITY=${level}\nMESSAGE\n${String.fromCharCode(message.length)}${'\0'.repeat(7)}${message}\n`;
  expect([
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line || '""')),
    stderr,
  ]).toEqual([[entry(3, 'two parts'), entry(6, 'two\nlines')], '<4>before it runs\n<5>in\n<5>three\n<5>\n<5>lines\n']);
});
