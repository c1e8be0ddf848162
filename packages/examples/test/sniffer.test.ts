import { need } from '@bsd-sockets/family-testkit';
import { describe, expect, test } from 'vitest';
import { hasNamespace, MISSING, NetworkNamespace } from './network-namespace';
import { commandOf, start } from './process';

const setup = 'ip link set lo up; echo "0 0" >/proc/sys/net/ipv4/ping_group_range';
const { available, reason } = need(hasNamespace(setup), MISSING);

describe.skipIf(!available)(`the sniffer ${reason}`, () => {
  test('prints the packets of an interface, which has those of the loopback twice', async () => {
    const network = await NetworkNamespace.create(setup);
    const sniffer = start(network.command(commandOf('sniffer', 'lo', '4')));
    expect(await sniffer.firstLine()).toContain('lo');
    await start(network.command(commandOf('ping', '127.0.0.1', '1'))).finish();
    const [, ...packets] = await sniffer.finish();
    // An echo and its answer, with 8 bytes of ICMP's own and 20 of IP's.
    expect(packets).toEqual(
      Array(4).fill(expect.stringMatching(/^127\.0\.0\.1 > 127\.0\.0\.1: protocol 1, \d+ bytes$/)),
    );
  });
});
