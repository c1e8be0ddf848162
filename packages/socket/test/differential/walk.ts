import { randomNumbers } from '../../../core-native/test/random-numbers';
import { bytes, constant, ref, type Script, type Step, step, type Value } from './script';

const STEPS = 60;
/** Seconds: what waits, waits in vain, since nobody else does anything. */
const TIMEOUT = 0.005;

const domains: [family: string, type: string, address: (name: string) => Value][] = [
  ['AF_INET', 'SOCK_STREAM', () => ['127.0.0.1', 0]],
  ['AF_INET', 'SOCK_DGRAM', () => ['127.0.0.1', 0]],
  ['AF_INET6', 'SOCK_STREAM', () => ['::1', 0]],
  ['AF_INET6', 'SOCK_DGRAM', () => ['::1', 0]],
  ['AF_UNIX', 'SOCK_STREAM', (name) => name],
  ['AF_UNIX', 'SOCK_DGRAM', (name) => name],
  ['AF_UNIX', 'SOCK_SEQPACKET', (name) => name],
];

/**
 * A walk of random operations over a few sockets of one family and type. Any of them may fail: its peers do what they do
 * with the same sockets in the same state.
 */
export function walk(seed: number): Script {
  const random = randomNumbers(seed);
  const choose = <T>(items: readonly T[]): T => items[random() % items.length]!;
  const [family, type, address] = choose(domains);
  const sockets: string[] = [];
  const addresses: string[] = [];
  const steps: Step[] = [step('setdefaulttimeout', choose([TIMEOUT, 0]))];
  let count = 0;
  const fresh = (kind: string) => `${kind}${count++}`;

  function open(): void {
    const name = fresh('s');
    steps.push(step(`${name} = Socket`, constant(family), constant(type)));
    sockets.push(name);
  }
  function name(): void {
    const place = fresh('address');
    steps.push(step(`${place} = ${choose(sockets)}.${choose(['getsockname', 'getsockname', 'getpeername'])}`));
    addresses.push(place);
  }
  open();
  open();
  // Most walks have a listener, or a bound socket, and its address.
  steps.push(step('s0.bind', address('first')), step('s0.listen', 3), step('first = s0.getsockname'));
  addresses.push('first');

  const data = () => bytes('abcdefghij'.repeat(5).slice(0, random() % 50));
  const place = () => ref(choose(addresses));
  const flags = () =>
    choose([[], [], [0], [constant('MSG_PEEK')], [constant('MSG_DONTWAIT')], [constant('MSG_WAITALL')]]);
  const operations: ((socket: string) => void)[] = [
    open,
    name,
    (socket) => steps.push(step(`${socket}.bind`, address(choose(['one', 'two', 'three'])))),
    (socket) => steps.push(step(`${socket}.bind`, place())),
    (socket) => steps.push(step(`${socket}.listen`, choose([0, 1, 5]))),
    ...Array<(socket: string) => void>(4).fill((socket) => {
      const accepted = fresh('accepted');
      steps.push(step(`${accepted} = ${socket}.accept`));
      sockets.push(`${accepted}.0`);
      addresses.push(`${accepted}.1`);
    }),
    ...Array<(socket: string) => void>(4).fill((socket) => {
      steps.push(step(`${socket}.${choose(['connect', 'connectEx'])}`, place()));
    }),
    ...Array<(socket: string) => void>(3).fill((socket) => {
      steps.push(step(`${socket}.${choose(['send', 'sendall'])}`, data()));
    }),
    (socket) => steps.push(step(`${socket}.sendto`, data(), place())),
    ...Array<(socket: string) => void>(3).fill((socket) => {
      steps.push(step(`${socket}.${choose(['recv', 'recvfrom'])}`, choose([0, 1, 5, 20, 100]), ...flags()));
    }),
    (socket) => {
      const call = choose(['recvInto', 'recvfromInto']);
      steps.push(step('memory = buffer', choose([1, 10, 40])));
      steps.push(step(`${socket}.${call}`, ref('memory'), choose([0, 1]), ...flags()), step('bytes', ref('memory')));
    },
    (socket) => steps.push(step(`${socket}.shutdown`, constant(choose(['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'])))),
    (socket) => steps.push(step(`${socket}.settimeout`, choose([0, TIMEOUT]))),
    (socket) =>
      steps.push(step(`${socket}.getsockopt`, constant('SOL_SOCKET'), constant(choose(['SO_ERROR', 'SO_ACCEPTCONN'])))),
    (socket) => {
      const option = choose(['SO_REUSEADDR', 'SO_REUSEPORT', 'SO_KEEPALIVE', 'SO_BROADCAST']);
      steps.push(step(`${socket}.setsockopt`, constant('SOL_SOCKET'), constant(option), choose([0, 1])));
    },
    (socket) => steps.push(step('repr', ref(socket)), step(`${socket}.gettimeout`)),
    (socket) => {
      const copy = fresh('s');
      steps.push(step(`${copy} = ${socket}.dup`));
      sockets.push(copy);
    },
    (socket) => {
      const fd = fresh('fd');
      const adopted = fresh('s');
      steps.push(step(`${fd} = ${socket}.detach`));
      steps.push({ ...step(`${adopted} = Socket`), options: { fileno: ref(fd) } });
      sockets.push(adopted);
    },
    (socket) => steps.push(step(`${socket}.close`)),
  ];
  while (steps.length < STEPS) choose(operations)(choose(sockets));
  return { title: `${family} ${type}, seed ${seed}`, steps };
}
