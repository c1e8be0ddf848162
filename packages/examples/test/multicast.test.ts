import { need } from '@bsd-sockets/family-testkit';
import { describe, expect, test } from 'vitest';
import { hasNamespace, MISSING, NetworkNamespace } from './network-namespace';
import { commandOf, start } from './process';

// Two networks, each of which ends in an interface that nobody listens at, and the loopback, which takes multicast of IPv6
// only with a route.
const network = (name: string, number: number) => `ip link add ${name} type veth peer name ${name}-end
ip link set ${name} addrgenmode none; ip link set ${name} up; ip link set ${name}-end up
ip addr add 198.51.100.${number}/32 dev ${name}; ip -6 addr add fe80::${number}/64 dev ${name} nodad`;
const setup = `ip link set lo up
ip -6 route add local ff00::/8 dev lo table local
${network('first', 1)}
${network('second', 2)}`;
const { available, reason } = need(hasNamespace(setup), MISSING);

const GROUPS = [
  // The loopback may send with any address of the host.
  ['IPv4', '239.255.0.1', { lo: '[\\d.]+', first: '198.51.100.1', second: '198.51.100.2' }],
  ['IPv6', 'ff02::4321', { lo: '::1', first: 'fe80::1', second: 'fe80::2' }],
] as const;
const INTERFACES = ['lo', 'first', 'second'] as const;

describe.skipIf(!available)(`multicast ${reason}`, () => {
  test.each(GROUPS)(
    'of %s comes by the interface that it was sent to, and by no other',
    { timeout: 120_000 },
    async (_, group, hosts) => {
      const network = await NetworkNamespace.create(setup);
      const receive = (port: string, name: string) =>
        start(network.command(commandOf('multicast-receiver', group, port, name)));
      const send = (text: (name: string) => string) =>
        Promise.all(
          INTERFACES.map((name) =>
            start(network.command(commandOf('multicast-sender', group, port, name, text(name)))).finish(),
          ),
        );

      // All have the group and the port in common, so only the interface tells them apart.
      const [lo, first, second] = INTERFACES;
      const receivers = [receive('0', lo)];
      const [, port] = /, (\d+)/.exec(await receivers[0]!.firstLine()) as unknown as [string, string];
      receivers.push(receive(port, first), receive(port, second));
      await Promise.all(receivers.map((receiver) => receiver.firstLine()));
      await send((name) => `by ${name}`);
      await send(() => '');
      const received = await Promise.all(receivers.map(async (receiver) => (await receiver.finish()).slice(1)));
      expect(received).toEqual(
        INTERFACES.map((name) => [expect.stringMatching(`^by ${name} from ${hosts[name]} by ${name}$`)]),
      );
    },
  );
});
