import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '@bsd-sockets/family-testkit';
import {
  AF_UNIX,
  CMSG_SPACE,
  options,
  ScmCredentials,
  ScmRights,
  SOCK_DGRAM,
  Socket,
} from '@bsd-sockets/socket/promises';
import { expect, onTestFinished, test } from 'vitest';
import { commandOf, start } from './process';

const systemdNotify = program('systemd-notify', 'systemd');

/** A service manager's end: who said what. */
class Manager {
  private readonly socket = new Socket(AF_UNIX, SOCK_DGRAM);

  constructor(address: string) {
    onTestFinished(() => this.socket.close());
    this.socket.bind(address);
    this.socket.setOption(options.SO_PASSCRED, true);
    this.socket.settimeout(25);
  }

  async hear(): Promise<[state: string[], pid: number]> {
    const [data, ancdata] = await this.socket.recvmsg(4096, CMSG_SPACE(12) + CMSG_SPACE(4));
    expect(ScmRights.decode(ancdata)).toBeUndefined();
    return [`${data}`.split('\n'), ScmCredentials.decode(ancdata)!.pid];
  }

  /** Waits for something that is said beside other things. */
  async until(line: string): Promise<void> {
    while (!(await this.hear())[0].includes(line));
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const abstract = `bsd-sockets-notify-${process.pid}`;

test.each([
  [
    'at a path',
    () => temporaryFolder(),
    (folder: string) => join(folder, 'notify'),
    (folder: string) => join(folder, 'notify'),
  ],
  ['at an abstract name', () => abstract, (name: string) => `\0${name}`, (name: string) => `@${name}`],
])('a service tells its manager %s how it is', async (_, create, toBind, toSet) => {
  const place = create();
  const manager = new Manager(toBind(place));
  const service = start(commandOf('sd-notify'), { env: { NOTIFY_SOCKET: toSet(place), WATCHDOG_USEC: '200000' } });
  expect(await manager.hear()).toEqual([['READY=1', `MAINPID=${service.pid}`, 'STATUS=Waiting for jobs'], service.pid]);
  await manager.until('WATCHDOG=1');
  await manager.until('STATUS=1 jobs done');
  await manager.until('WATCHDOG=1');
  service.kill('SIGTERM');
  await manager.until('STOPPING=1');
  expect(await service.finish()).toEqual(['Ready, and the manager knows']);
});

test('a watchdog of another process is not fed, and a service without a manager runs too', async () => {
  const manager = new Manager(`\0${abstract}-other`);
  const env = { NOTIFY_SOCKET: `@${abstract}-other`, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' };
  const service = start(commandOf('sd-notify'), { env });
  // Ten times the watchdog's would come before the first of these.
  const heard = [await manager.hear(), await manager.hear(), await manager.hear()].map(([state]) => state);
  expect(heard.slice(1)).toEqual([['STATUS=1 jobs done'], ['STATUS=2 jobs done']]);
  service.kill('SIGTERM');
  await service.finish();

  const alone = start(commandOf('sd-notify'), { env: { NOTIFY_SOCKET: '' } });
  expect(await alone.firstLine()).toBe('Ready, without a manager: NOTIFY_SOCKET is not set');
  alone.kill('SIGTERM');
  await alone.finish();
});

test.skipIf(!systemdNotify.available)(`systemd-notify says the same ${systemdNotify.reason}`, async () => {
  const manager = new Manager(`\0${abstract}-peer`);
  const env = { NOTIFY_SOCKET: `@${abstract}-peer` };
  const service = start(commandOf('sd-notify'), { env });
  const [ours] = await manager.hear();
  service.kill();
  const command = ['systemd-notify', '--no-block', '--ready', `--pid=${service.pid}`, '--status=Waiting for jobs'];
  await start(command, { env }).finish();
  let [theirs] = await manager.hear();
  // What the service may have said before it ended.
  while (theirs[0] !== 'READY=1') [theirs] = await manager.hear();
  expect(theirs.sort()).toEqual(ours.sort());
});
