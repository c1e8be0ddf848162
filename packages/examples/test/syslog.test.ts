import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AF_UNIX, SOCK_DGRAM, Socket } from '@bsd-sockets/socket/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { commandOf, hasProgram, start } from './process';

const noLogger = hasProgram('logger') ? '' : ': needs logger';

let path: string;
let daemon: Socket<typeof AF_UNIX>;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'syslog-'));
  path = join(folder, 'log');
  daemon = new Socket(AF_UNIX, SOCK_DGRAM);
  daemon.bind(path);
  daemon.settimeout(25);
  return () => {
    daemon.close();
    rmSync(folder, { recursive: true });
  };
});

async function logged(command: string[], env: NodeJS.ProcessEnv = {}): Promise<[line: string, pid: number]> {
  const client = start(command, { env });
  expect(await client.finish()).toEqual([]);
  return [`${await daemon.recv(65536)}`, client.pid];
}

const BSD =
  /^<(?<priority>\d+)>(?<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?<tag>\S+)\[(?<pid>\d+)\]: (?<message>.*)$/s;
const NEW =
  /^<(?<priority>\d+)>1 (?<time>\S+T\S+) (?<host>\S+) (?<tag>\S+) (?<pid>\S+) (?<id>\S+) (?<data>-|\[.*?\]) (?<message>.*)$/s;

const forms = [
  ['RFC 3164', BSD, []],
  ['RFC 5424', NEW, ['--rfc5424']],
] as const;

/** What a line says, and how far its time is from now, in seconds. */
function parse(line: string, form: RegExp): Record<string, unknown> {
  const { time, ...rest } = form.exec(line)?.groups ?? {};
  // The older form has no year.
  const then = new Date(time!.includes('T') ? time! : `${new Date().getFullYear()} ${time} UTC`);
  return { ...rest, late: Math.abs(Date.now() - then.getTime()) > 60_000 };
}

const arguments_ = ['-p', 'local3.warning', '-t', 'exämple'];
const env = { TZ: 'UTC' };

describe.each(forms)('a message by %s', (_, form, flags) => {
  test('reaches the socket of the daemon', async () => {
    const command = commandOf('syslog', ...flags, ...arguments_, '-u', path, 'grüße\nzwei', 'und drei');
    const [line, pid] = await logged(command, env);
    expect(parse(line, form)).toEqual({
      priority: `${19 * 8 + 4}`,
      ...(flags.length ? { host: hostname(), id: '-', data: '-' } : {}),
      tag: flags.length ? 'ex_mple' : 'exämple',
      pid: `${pid}`,
      message: 'grüße\nzwei und drei',
      late: false,
    });
  });

  test.skipIf(noLogger)(`is what logger sends${noLogger}`, async () => {
    const common = ['-p', 'daemon.err', '-t', 'example', '-u', path];
    const [ours, ourPid] = await logged(commandOf('syslog', ...flags, ...common, 'hello  world'), env);
    const peers = flags.length ? '--rfc5424=notq' : [];
    const [theirs, theirPid] = await logged(['logger', '--id', ...common, ...[peers].flat(), 'hello  world'], env);
    expect({ ...parse(ours, form), pid: ourPid }).toEqual({ ...parse(theirs, form), pid: ourPid });
    expect([parse(ours, form).pid, parse(theirs, form).pid]).toEqual([`${ourPid}`, `${theirPid}`]);
  });
});

test('what is wrong is refused, and a daemon that is not there is missed', async () => {
  await expect(logged(commandOf('syslog', '-u', path, '-p', 'user.loud', 'x'))).rejects.toThrow(
    'loud is none of: emerg',
  );
  await expect(logged(commandOf('syslog', '-u', path, '-p', 'us.err', 'x'))).rejects.toThrow('us is none of: kern');
  await expect(logged(commandOf('syslog', '-u', `${path}-none`, 'x'))).rejects.toThrow('ENOENT');
});
