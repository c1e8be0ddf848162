import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { AF_CAN, CAN_RAW, decodeFrame, encodeFrame } from '@bsd-sockets/can';
import { capability } from '@bsd-sockets/family-testkit';
import { getLink, NETLINK_ROUTE, Netlink, setLink } from '@bsd-sockets/netlink';
import {
  CAN_STATE_ERROR_ACTIVE,
  CAN_STATE_ERROR_WARNING,
  ioctl,
  N_SLCAN,
  requests,
  SOCK_RAW,
  Socket,
} from '@bsd-sockets/socket';
import { describe, expect, onTestFinished, test } from 'vitest';

// A CAN controller at a serial line, as cheap adapters are: a terminal with the line discipline N_SLCAN is an interface. The
// kernel lab has it; the other end of the terminal, where the adapter would be, is ours.

const raw = capability('AF_CAN', 'SOCK_RAW', 'CAN_RAW');
const isLab = process.env.BSD_SOCKETS_LAB !== undefined;
const reason = raw.reason || (isLab ? '' : '(its interface is only for the kernel lab)');

/** An adapter, its interface, and what that has told the adapter. */
class Adapter {
  readonly name: string;
  private told = '';
  private readonly master: number;

  constructor() {
    const flags = constants.O_RDWR | constants.O_NOCTTY;
    this.master = openSync('/dev/ptmx', flags);
    ioctl(this.master, requests.TIOCSPTLCK, 0);
    const terminal = openSync(`/dev/pts/${ioctl(this.master, requests.TIOCGPTN)}`, flags);
    ioctl(terminal, requests.TIOCSETD, N_SLCAN);
    this.name = ioctl(terminal, requests.SIOCGIFNAME, { ifindex: 0 }).name;
    // The call that sets the interface up waits for the adapter to read.
    const reader = spawn('cat', { stdio: [this.master, 'pipe', 'ignore'] });
    reader.stdout!.on('data', (text) => {
      this.told += text;
    });
    onTestFinished(() => {
      reader.kill();
      closeSync(terminal);
      closeSync(this.master);
    });
  }

  tell(text: string): void {
    writeSync(this.master, text);
  }

  async hears(text: string): Promise<void> {
    await expect.poll(() => this.told, { timeout: 10_000 }).toBe(text);
    this.told = '';
  }
}

const ip = (...args: string[]) => JSON.parse(execFileSync('ip', ['-d', '-j', ...args], { encoding: 'utf8' }) || '[]');

/** What ip(8) tells of a link, without what each one has of its own. */
function described(name: string): any {
  const [{ ifname, ifindex, ...link }] = ip('link', 'show', name);
  return link;
}

describe.skipIf(reason !== '')(`a CAN interface at a serial line ${reason}`, { timeout: 60_000 }, () => {
  test('is brought up at 500 kbit/s as by ip(8)', async () => {
    const [ours, theirs] = [new Adapter(), new Adapter()];
    using route = new Netlink(NETLINK_ROUTE);
    const before = described(ours.name);
    expect(before).toEqual(described(theirs.name));
    route.execute(setLink(ours.name, { up: true, can: { bittiming: { bitrate: 500_000 } } }));
    execFileSync('ip', ['link', 'set', theirs.name, 'up', 'type', 'can', 'bitrate', '500000']);
    // Close; 500 kbit/s; open.
    for (const adapter of [ours, theirs]) await adapter.hears('C\rS6\rO\r');
    const after = described(ours.name);
    expect(after).toEqual(described(theirs.name));
    expect(after.linkinfo).toMatchObject({ info_kind: 'can', info_data: { bittiming_bitrate: 500_000 } });
    expect(after.flags).toContain('UP');

    const [link] = route.execute(getLink(ours.name));
    expect(link!.can).toMatchObject({
      bittiming: { bitrate: 500_000 },
      bitrates: after.linkinfo.info_data.bitrate_const,
      restartMs: after.linkinfo.info_data.restart_ms,
      state: CAN_STATE_ERROR_ACTIVE,
    });

    // The bit rate of an interface that is up is refused, as ip is.
    const other = () => setLink(ours.name, { can: { bittiming: { bitrate: 125_000 } } });
    expect(() => route.execute(other())).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    route.execute(setLink(ours.name, { up: false }));
    await ours.hears('C\r');
    route.execute(other());
    route.execute(setLink(ours.name, { up: true }));
    await ours.hears('C\rS4\rO\r');
    // One that the controller does not know.
    const unknown = () => route.execute(setLink(theirs.name, { can: { bittiming: { bitrate: 123_456 } } }));
    route.execute(setLink(theirs.name, { up: false }));
    expect(unknown).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  test('carries frames, and tells its state', async () => {
    const adapter = new Adapter();
    using route = new Netlink(NETLINK_ROUTE);
    route.execute(setLink(adapter.name, { up: true, can: { bittiming: { bitrate: 1_000_000 } } }));
    await adapter.hears('C\rS8\rO\r');
    using socket = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
    socket.settimeout(20);
    socket.bind([adapter.name]);
    adapter.tell('t1232ABCD\r');
    expect(decodeFrame(socket.recv(72))).toMatchObject({ id: 0x123, data: Buffer.of(0xab, 0xcd) });
    socket.send(encodeFrame({ id: 0x1abcdef0, extended: true, data: Buffer.of(1) }));
    await adapter.hears('T1ABCDEF0101\r');
    adapter.tell('sw000100\r'); // a warning: 100 errors of sending
    await expect.poll(() => route.execute(getLink(adapter.name))[0]!.can!.state).toBe(CAN_STATE_ERROR_WARNING);
    expect(described(adapter.name).linkinfo.info_data.state).toBe('ERROR-WARNING');
  });
});
