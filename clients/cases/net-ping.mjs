import { deepStrictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PINGS = 500;
const AT_ONCE = 32;
const PROGRAM = fileURLToPath(new URL('../programs/net-ping.mjs', import.meta.url));

/** A network in which 10.9.2.3 is behind the router 10.9.1.2. */
const NETWORK = `
  host() { setpriv --pdeathsig=KILL unshare --net sleep infinity & pid=$!
    until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done; }
  on() { pid=$1; shift; nsenter --target $pid --net -- "$@"; }
  join() { ip link set $1 netns $2; on $2 ip address add $3 dev $1; on $2 ip address add $4 dev $1 nodad; on $2 ip link set $1 up; }
  host; router=$pid; host; target=$pid
  ip link add near type veth peer name one; ip link add two type veth peer name far
  ip address add 10.9.1.1/24 dev near; ip address add fd09:1::1/64 dev near nodad; ip link set near up; ip link set lo up
  join one $router 10.9.1.2/24 fd09:1::2/64; join two $router 10.9.2.2/24 fd09:2::2/64; join far $target 10.9.2.3/24 fd09:2::3/64
  ip route add default via 10.9.1.2; ip route add default via fd09:1::2
  on $target ip route add default via 10.9.2.2; on $target ip route add default via fd09:2::2
  on $router sh -c 'cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding; echo 0 >ipv4/icmp_ratelimit'
  exec "$@"`;

export const cases = [
  {
    client: 'net-ping',
    does: `${2 * PINGS} pings over a router, ${AT_ONCE} at once, half of them IPv6; a route, and a ping that does not get there`,
    addon: 'raw-socket',
    install: { 'net-ping': '1.2.4' },
    async prepare({ defer }) {
      // Each in a network of its own: a raw socket hears of all pings.
      const children = new Map();
      const childOf = (path) => {
        if (children.has(path)) return children.get(path);
        const args = ['--net', 'sh', '-ec', NETWORK, 'sh', process.execPath, PROGRAM, path, `${PINGS}`, `${AT_ONCE}`];
        const child = spawn('unshare', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
        children.set(path, child);
        defer(() => child.kill());
        return child;
      };

      return async ({ require }) => {
        const child = childOf(require.resolve('net-ping'));
        child.send('go');
        const ended = once(child, 'exit').then(() => Promise.reject(new Error('net-ping has ended')));
        const [{ seconds, ...found }] = await Promise.race([once(child, 'message'), ended]);
        deepStrictEqual(found, {
          route: [
            [1, '10.9.1.2'],
            [2, '10.9.2.3'],
          ],
          failure: 'TimeExceededError 10.9.1.2',
        });
        return seconds;
      };
    },
  },
];
