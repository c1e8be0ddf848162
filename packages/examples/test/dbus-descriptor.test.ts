import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '@bsd-sockets/family-testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { commandOf, Program, start } from './process';

const daemon = program('dbus-daemon', 'dbus-daemon');
const dbusSend = program('dbus-send', 'dbus-bin');

const NAME = 'org.example.Reader';
const configuration = (path: string) => `<busconfig>
  <type>session</type>
  <listen>unix:path=${encodeURI(path)}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>`;

let folder: string;
let env: { DBUS_SESSION_BUS_ADDRESS: string };

const serve = () => start(commandOf('dbus-descriptor', 'serve', NAME), { env });
const send = (file: string) => start(commandOf('dbus-descriptor', 'send', NAME, file), { env });

/** The descriptors of a process that are files in the folder of the test. */
function filesOf(pid: number): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return []; // closed meanwhile
    }
  });
  return links.filter((path) => path.startsWith(folder) || path.startsWith('pipe:'));
}

const sumOf = (content: Uint8Array) => `${content.length} bytes, ${createHash('sha256').update(content).digest('hex')}`;

describe.skipIf(!daemon.available)(`a descriptor through the D-Bus daemon ${daemon.reason}`, () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dbus '));
    const path = join(folder, 'bus');
    writeFileSync(join(folder, 'configuration'), configuration(path));
    const bus = new Program(['dbus-daemon', `--config-file=${folder}/configuration`, '--nofork', '--print-address']);
    env = { DBUS_SESSION_BUS_ADDRESS: await bus.firstLine() };
    return async () => {
      bus.kill('SIGTERM');
      await bus.finish();
      rmSync(folder, { recursive: true });
    };
  });

  test('is read by the process that gets it', async () => {
    expect(env.DBUS_SESSION_BUS_ADDRESS).toContain('%20'); // the space in the path
    const service = serve();
    expect(await service.firstLine()).toBe(`Serving as ${NAME}`);
    const before = filesOf(service.pid);
    const contents = ['', 'content', 'x'.repeat(1_000_000)].map((text) => Buffer.from(text));
    const clients = contents.map((content, index) => {
      writeFileSync(join(folder, `${index}`), content);
      return send(join(folder, `${index}`));
    });
    const lines = await Promise.all(clients.map((client) => client.finish()));
    expect(lines).toEqual(contents.map((content) => [sumOf(content)]));
    const read = service.lines.slice(1).map((line) => /^Read (\d+) bytes for :[\d.]+$/.exec(line)?.[1]);
    expect(read.map(Number).sort((a, b) => a - b)).toEqual([0, 7, 1_000_000]);
    expect(filesOf(service.pid)).toEqual(before);
  });

  test('of a pipe is read as it is written', async () => {
    const service = serve();
    await service.firstLine();
    const client = start(
      [
        'sh',
        '-c',
        `(echo one; sleep 0.5; echo two) | "$@"`,
        'sh',
        ...commandOf('dbus-descriptor', 'send', NAME, '/dev/stdin'),
      ],
      { env },
    );
    expect(await client.finish()).toEqual([sumOf(Buffer.from('one\ntwo\n'))]);
  });

  test('is closed, and the call answered, where it cannot be read', async () => {
    const service = serve();
    await service.firstLine();
    const before = filesOf(service.pid);
    mkdirSync(join(folder, 'directory'));
    await expect(send(join(folder, 'directory')).finish()).rejects.toThrow(
      'org.freedesktop.DBus.Error.IOError: EISDIR',
    );
    writeFileSync(join(folder, 'file'), 'content');
    expect(await send(join(folder, 'file')).finish()).toEqual([sumOf(Buffer.from('content'))]);
    expect(filesOf(service.pid)).toEqual(before);
  });

  test('goes nowhere without a service, and a name has one owner', async () => {
    const file = join(folder, 'configuration');
    await expect(send(file).finish()).rejects.toThrow('org.freedesktop.DBus.Error.ServiceUnknown');
    const service = serve();
    await service.firstLine();
    await expect(serve().finish()).rejects.toThrow(`somebody else owns ${NAME}`);
  });

  test.skipIf(!dbusSend.available)(`dbus-send understands what we answer ${dbusSend.reason}`, async () => {
    const service = serve();
    await service.firstLine();
    const call = (method: string, ...args: string[]) => {
      const options = [`--bus=${env.DBUS_SESSION_BUS_ADDRESS}`, '--print-reply', `--dest=${NAME}`];
      return start(['dbus-send', ...options, '/org/example/Files', `org.example.Files.${method}`, ...args]).finish();
    };
    await expect(call('Other')).rejects.toThrow('Error.UnknownMethod: there is only Sum(h)');
    // Types that it does not know are none of its business.
    await expect(call('Sum', 'array:string:a,b', 'dict:string:int32:a,1')).rejects.toThrow('UnknownMethod');
    const file = join(folder, 'configuration');
    expect(await send(file).finish()).toEqual([sumOf(execFileSync('cat', [file]))]);
  });
});
