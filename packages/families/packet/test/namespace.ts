import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { capability, program } from '@bsd-sockets/family-testkit';
import type * as packets from '@bsd-sockets/packet';
import type * as sockets from '@bsd-sockets/socket';

const require = createRequire(import.meta.url);
const libraries = ['@bsd-sockets/socket', '@bsd-sockets/packet'].map((name) => require.resolve(name));

const needs = [capability('AF_PACKET', 'SOCK_RAW'), program('unshare', 'util-linux'), program('ip', 'iproute2')];
const privileged = process.getuid?.() === 0 ? '' : '(needs root)';

/** Why there can be no network namespace for a test, for its title; empty if there can. */
export const missing = [...needs.map(({ reason }) => reason), privileged].find((reason) => reason !== '') ?? '';

/** What a program in a namespace has at hand: it must name nothing else of its file. */
export interface Inside {
  s: typeof sockets;
  p: typeof packets;
  require: NodeJS.Require;
  /** Opens a raw socket on an interface that receives what the filter lets pass, all by default. */
  listen(ifname: string, proto?: number, type?: number): sockets.Socket<typeof packets.AF_PACKET>;
  /** A frame with a locally administered source address and an EtherType for experiments. */
  frame(payload: string | Uint8Array, header?: Partial<packets.EthernetHeaderLike>): Buffer;
  /** Waits until a child process writes a line that has `text` to its standard error. */
  until(child: import('node:child_process').ChildProcess, text: string): Promise<void>;
}

// The two ends of one cable, and nothing else; no IPv6, which would send frames of its own.
const SETUP = `
for file in /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/ipv6/conf/default/disable_ipv6; do
  test -w $file && echo 1 > $file
done
ip link set lo up
ip link add v0 address 02:00:00:00:00:0a type veth peer name v1 address 02:00:00:00:00:0b
ip link set v0 up arp off
ip link set v1 up arp off
exec "$@"`;

const PRELUDE = `
const [s, p] = process.argv.slice(2).map(require);
const inside = {
  s, p, require,
  listen(ifname, proto = p.ETH_P_ALL, type = s.SOCK_RAW) {
    const socket = new s.Socket(p.AF_PACKET, type, 0);
    socket.bind([ifname, proto]);
    socket.settimeout(10);
    return socket;
  },
  frame(payload, header) {
    const source = p.parseHardwareAddress('02:00:00:00:00:0a');
    const destination = p.parseHardwareAddress('02:00:00:00:00:0b');
    return Buffer.concat([p.encodeEthernet({ destination, source, etherType: 0x88b5, ...header }), Buffer.from(payload)]);
  },
  until: (child, text) => new Promise((resolve, reject) => {
    let all = '';
    child.stderr.on('data', (data) => { all += data; if (all.includes(text)) resolve(); });
    child.on('close', () => reject(new Error('it ended: ' + all)));
  }),
};
Promise.resolve((BODY)(inside)).then((value) => {
  require('node:fs').writeSync(1, JSON.stringify(value ?? null, (_, value) => typeof value === 'bigint' ? String(value) : value));
});`;

/** Runs a function in a process of its own, in a network namespace of its own, and returns its JSON. */
export function inNamespace<Value>(body: (inside: Inside) => Value, flags: string[] = []): Awaited<Value> {
  const node = [process.execPath, ...flags, '-', ...libraries];
  const { status, signal, stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-ec', SETUP, 'sh', ...node], {
    input: PRELUDE.replace('BODY', () => body.toString()),
    encoding: 'utf8',
    timeout: 25_000,
  });
  if (status !== 0) throw new Error(`exit ${status ?? signal}: ${stderr}`);
  return JSON.parse(stdout);
}
