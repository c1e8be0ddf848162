import { need } from '@bsd-sockets/family-testkit';
import { describe, expect, test } from 'vitest';
import { hasNamespace, MISSING, NetworkNamespace } from './network-namespace';
import { commandOf, start } from './process';

const setup = (range: string) => `ip link set lo up; echo "${range}" >/proc/sys/net/ipv4/ping_group_range`;
const allowed = setup('0 0');
const { available, reason } = need(hasNamespace(allowed), MISSING);

describe.skipIf(!available)(`ping without privileges ${reason}`, () => {
  test.each(['127.0.0.1', '::1'])('gets echoes from %s', async (host) => {
    const network = await NetworkNamespace.create(allowed);
    const lines = await start(network.command(commandOf('ping', host, '3', '0.1'))).finish();
    expect(lines).toEqual([
      ...[1, 2, 3].map((sequence) =>
        expect.stringMatching(new RegExp(`^64 bytes from ${host}: seq=${sequence} ttl=64 time=\\d+\\.\\d{3} ms$`)),
      ),
      '3 sent, 3 received',
    ]);
  });

  test('counts what does not come back', async () => {
    const network = await NetworkNamespace.create(`${allowed}; \
      ip link add p0 type veth peer name p1; ip addr add 198.51.100.1/24 dev p0; ip link set p0 up; ip link set p1 up`);
    // Nobody answers at p1: neither the address nor, therefore, the echo.
    const program = start(network.command(commandOf('ping', '198.51.100.2', '1')));
    await expect(program.finish()).rejects.toThrow(/exit code 1:\nseq=1: .*\n1 sent, 0 received/);
  });

  test('says what is missing where the group may not', async () => {
    const network = await NetworkNamespace.create(setup('1 0'));
    const program = start(network.command(commandOf('ping', '127.0.0.1', '1')));
    await expect(program.finish()).rejects.toThrow('net.ipv4.ping_group_range');
    expect(program.lines[0]).toMatch(/ping_group_range|EACCES/);
  });
});
