import { bytes, constant, number, object, ref, type Script, type Step, step, type Value } from './script';

interface Domain {
  name: string;
  family: Value;
  type: Value;
  stream: boolean;
  /** An address to bind to, of a name's own where the family has names. */
  own(name: string): Value;
  /** An address where nobody is. */
  nobody: Value;
}

const internet = (name: string, host: string, ...rest: number[]) => ({
  name,
  family: constant(`AF_${name.toUpperCase()}`),
  own: (): Value => [host, 0, ...rest],
  nobody: [host, 1, ...rest],
});
const inet = internet('inet', '127.0.0.1');
const inet6 = internet('inet6', '::1', 0, 0);
const unix = { name: 'unix', family: constant('AF_UNIX'), own: (name: string): Value => name, nobody: 'nobody' };

const types = [
  { kind: 'stream', type: constant('SOCK_STREAM'), stream: true },
  { kind: 'dgram', type: constant('SOCK_DGRAM'), stream: false },
];
const seqpacket = { kind: 'seqpacket', type: constant('SOCK_SEQPACKET'), stream: true };

const domains: Domain[] = [
  ...[inet, inet6, unix].flatMap((family) => types.map((type) => ({ ...family, ...type }))),
  { ...unix, ...seqpacket },
].map(({ kind, ...domain }) => ({ ...domain, name: `${domain.name} ${kind}` }));

/** The three modes; a timeout is short, for the scripts wait it out. */
const modes = [
  { mode: 'blocking', timeout: null, waits: true },
  { mode: 'with a timeout', timeout: 0.02, waits: false },
  { mode: 'non-blocking', timeout: 0, waits: false },
];
type Mode = (typeof modes)[number];

const open = ({ family, type }: Domain, name: string, mode?: Mode): Step[] => [
  step(`${name} = Socket`, family, type),
  ...(mode ? [step(`${name}.settimeout`, mode.timeout)] : []),
];

/** A socket that has an address of its own, under the name `${name}Address`. */
const bound = (domain: Domain, name: string, mode?: Mode): Step[] => [
  ...open(domain, name, mode),
  step(`${name}.bind`, domain.own(name)),
  step(`${name}Address = ${name}.getsockname`),
];

/** Two sockets, `a` and `b`, that are connected to each other. */
function connected(domain: Domain, mode: Mode): Step[] {
  const ends = ['a', 'b'].map((name) => step(`${name}.settimeout`, mode.timeout));
  if (!domain.stream) {
    return [
      ...bound(domain, 'a'),
      ...bound(domain, 'b'),
      step('a.connect', ref('bAddress')),
      step('b.connect', ref('aAddress')),
      ...ends,
    ];
  }
  return [
    ...bound(domain, 'server'),
    step('server.listen'),
    ...open(domain, 'a'),
    step('a.connect', ref('serverAddress')),
    step('accepted = server.accept'),
    step('b = accepted.0.dup'),
    step('accepted.0.close'),
    ...ends,
  ];
}

const DONTWAIT = constant('MSG_DONTWAIT');
const PEEK = constant('MSG_PEEK');
const buffer = (size: number) => step('memory = buffer', size);
const contents = step('bytes', ref('memory'));

/** Each way to receive: with a flag that says not to wait where waiting would not end. */
const receives = (name: string, size: number, ...flags: Value[]): Step[] => [
  step(`${name}.recv`, size, ...flags),
  step(`${name}.recvfrom`, size, ...flags),
  buffer(size),
  step(`${name}.recvInto`, ref('memory'), 0, ...flags),
  contents,
  buffer(size),
  step(`${name}.recvfromInto`, ref('memory'), 0, ...flags),
  contents,
];

/** Each method that takes nothing, and what shows of a socket. */
const looks = (name: string): Step[] => [
  ...['family', 'type', 'proto', 'timeout', 'gettimeout', 'getblocking', 'getInheritable', 'fileno'].map((call) =>
    step(`${name}.${call}`),
  ),
  step(`${name}.getsockname`),
  step(`${name}.getpeername`),
  step('repr', ref(name)),
];

const notWaiting = ({ waits }: Mode): Value[] => (waits ? [DONTWAIT] : []);

/** What comes after the end, which datagrams do not have: there a blocking socket would wait. */
const ended = (domain: Domain, name: string, mode: Mode) =>
  receives(name, 10, ...(domain.stream ? [] : notWaiting(mode)));

const SOL_SOCKET = constant('SOL_SOCKET');

const options: [level: string, name: string, value: Value][] = [
  ['SOL_SOCKET', 'SO_REUSEADDR', 1],
  ['SOL_SOCKET', 'SO_REUSEPORT', 1],
  ['SOL_SOCKET', 'SO_KEEPALIVE', 1],
  ['SOL_SOCKET', 'SO_BROADCAST', 1],
  ['SOL_SOCKET', 'SO_OOBINLINE', 1],
  ['SOL_SOCKET', 'SO_DONTROUTE', 1],
  ['SOL_SOCKET', 'SO_RCVBUF', 10000],
  ['SOL_SOCKET', 'SO_SNDBUF', 10000],
  ['SOL_SOCKET', 'SO_RCVLOWAT', 2],
  ['SOL_SOCKET', 'SO_PRIORITY', 3],
  ['SOL_SOCKET', 'SO_LINGER', { bytes: '0100000005000000' }],
  ['SOL_SOCKET', 'SO_RCVTIMEO', { bytes: '01000000000000000000000000000000' }],
  ['SOL_SOCKET', 'SO_TYPE', 1],
  ['SOL_SOCKET', 'SO_DOMAIN', 1],
  ['SOL_SOCKET', 'SO_PROTOCOL', 1],
  ['SOL_SOCKET', 'SO_ERROR', 1],
  ['SOL_SOCKET', 'SO_ACCEPTCONN', 1],
  ['SOL_SOCKET', 'SO_PASSCRED', 1],
  ['IPPROTO_TCP', 'TCP_NODELAY', 1],
  ['IPPROTO_TCP', 'TCP_KEEPIDLE', 77],
  ['IPPROTO_TCP', 'TCP_CONGESTION', { bytes: Buffer.from('reno').toString('hex') }],
  ['IPPROTO_IP', 'IP_TTL', 33],
  ['IPPROTO_IP', 'IP_TOS', 16],
  ['IPPROTO_IP', 'IP_MULTICAST_TTL', 9],
  ['IPPROTO_IPV6', 'IPV6_V6ONLY', 1],
  ['IPPROTO_IPV6', 'IPV6_UNICAST_HOPS', 44],
];

/** What each script of a domain and a mode does. */
const scenarios: Record<string, (domain: Domain, mode: Mode) => Step[]> = {
  'a new socket': (domain, mode) => [
    ...open(domain, 's', mode),
    ...looks('s'),
    step('s.setInheritable', true),
    step('s.getInheritable'),
    step('s.setInheritable', false),
    step('s.getInheritable'),
    step('s.detach'),
    ...looks('s'),
    step('s.detach'),
  ],

  modes: (domain, mode) => [
    ...open(domain, 's', mode),
    ...[true, false, 1, 0, null, '', 'x'].flatMap((flag) => [
      step('s.setblocking', flag),
      step('s.getblocking'),
      step('s.gettimeout'),
    ]),
    ...[0, 1, 1.5, 1e9, null, -1, -1e-10, 1e10, '1', number('NaN'), number('Infinity'), object].flatMap((timeout) => [
      step('s.settimeout', timeout),
      step('s.getblocking'),
      step('s.gettimeout'),
    ]),
  ],

  'a closed socket': (domain, mode) => [
    ...bound(domain, 's', mode),
    step('s.close'),
    step('s.close'),
    ...looks('s'),
    step('s.bind', ref('sAddress')),
    step('s.listen'),
    step('s.accept'),
    step('s.connect', ref('sAddress')),
    step('s.connectEx', ref('sAddress')),
    step('s.send', bytes('x')),
    step('s.send', bytes('')),
    step('s.sendall', bytes('x')),
    step('s.sendall', bytes('')),
    step('s.sendto', bytes('x'), ref('sAddress')),
    ...receives('s', 10),
    step('s.shutdown', constant('SHUT_RDWR')),
    step('s.dup'),
    step('s.detach'),
    step('s.getsockopt', SOL_SOCKET, constant('SO_TYPE')),
    step('s.getsockopt', SOL_SOCKET, constant('SO_TYPE'), 4),
    step('s.setsockopt', SOL_SOCKET, constant('SO_REUSEADDR'), 1),
    step('s.setblocking', true),
    step('s.settimeout', 1),
    step('s.gettimeout'),
    step('s.getInheritable'),
    step('s.setInheritable', true),
    step('repr', ref('s')),
  ],

  'neither bound nor connected': (domain, mode) => [
    ...open(domain, 's', mode),
    step('s.accept'),
    step('s.send', bytes('x')),
    step('s.sendall', bytes('x')),
    ...receives('s', 10, ...notWaiting(mode)),
    ...['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'].map((how) => step('s.shutdown', constant(how))),
    step('s.shutdown', 9),
    step('s.sendto', bytes('x'), domain.nobody),
    step('s.getsockopt', SOL_SOCKET, constant('SO_ERROR')),
  ],

  'bind and listen': (domain, mode) => [
    ...bound(domain, 's', mode),
    step('s.bind', domain.own('other')),
    step('s.bind', ref('sAddress')),
    ...open(domain, 't', mode),
    step('t.bind', ref('sAddress')),
    step('t.getsockname'),
    ...[0, 1, -1, -5, 2 ** 31 - 1].map((backlog) => step('s.listen', backlog)),
    step('s.listen'),
    step('t.listen'),
    step('t.getpeername'),
    step('s.getsockopt', SOL_SOCKET, constant('SO_ACCEPTCONN')),
    step('s.send', bytes('x')),
    step('s.recv', 1, DONTWAIT),
    step('s.connect', ref('sAddress')),
    step('repr', ref('s')),
    step('s.close'),
    step('t.bind', ref('sAddress')),
  ],

  'nothing to accept or to receive': (domain, mode) => [
    ...connected(domain, mode),
    ...receives('a', 10, DONTWAIT),
    ...(mode.waits
      ? []
      : [
          ...receives('a', 10),
          ...receives('b', 10, PEEK),
          ...bound(domain, 's', mode),
          step('s.listen'),
          step('s.accept'),
        ]),
    step('a.send', bytes('at last')),
    ...receives('b', 10, PEEK),
    step('b.recv', 10),
  ],

  'an exchange': (domain, mode) => [
    ...connected(domain, mode),
    ...looks('a'),
    ...looks('b'),
    ...['a', 'b'].flatMap((from) => {
      const to = from === 'a' ? 'b' : 'a';
      const message = bytes(`from ${from}`);
      return [
        step(`${from}.send`, message),
        step(`${to}.recv`, 100),
        step(`${from}.sendall`, message),
        step(`${to}.recvfrom`, 100),
        step(`${from}.send`, message, constant('MSG_NOSIGNAL')),
        buffer(20),
        step(`${to}.recvInto`, ref('memory')),
        contents,
        step(`${from}.sendall`, message, DONTWAIT),
        buffer(20),
        step(`${to}.recvfromInto`, ref('memory'), 10),
        contents,
        step(`${from}.sendto`, message, ref(`${to}Address`)),
        step(`${from}.sendto`, message, ref('serverAddress')),
        step(`${to}.recv`, 100, ...notWaiting(mode)),
      ];
    }),
  ],

  pieces: (domain, mode) => [
    ...connected(domain, mode),
    ...['0123456789', 'abcdefghij', 'ABCDEFGHIJ'].map((text) => step('a.send', bytes(text))),
    step('b.recv', 3, PEEK),
    step('b.recv', 3),
    step('b.recv', 3, PEEK),
    step('b.recvfrom', 4, PEEK),
    buffer(8),
    step('b.recvInto', ref('memory'), 2),
    contents,
    step('b.recvfromInto', ref('memory'), 5, PEEK),
    contents,
    step('b.recvInto', ref('memory'), 5, constant('MSG_DONTWAIT')),
    contents,
    step('b.recv', 5, constant('MSG_DONTWAIT|MSG_PEEK')),
    step('b.recv', 100, DONTWAIT),
  ],

  'lengths of zero': (domain, mode) => [
    ...connected(domain, mode),
    step('a.send', bytes('')),
    step('a.sendall', bytes('')),
    step('b.recv', 0, DONTWAIT),
    step('b.recv', 10, DONTWAIT),
    step('a.send', bytes('12345')),
    step('b.recv', 0, DONTWAIT),
    step('a.send', bytes('67890')),
    step('b.recvfrom', 0, DONTWAIT),
    buffer(0),
    step('b.recvInto', ref('memory'), 0, DONTWAIT),
    step('b.recvfromInto', ref('memory'), 0, DONTWAIT),
    step('b.recv', 100, DONTWAIT),
    step('b.recv', 100, DONTWAIT),
  ],

  flags: (domain, mode) => [
    ...connected(domain, mode),
    ...['MSG_TRUNC', 'MSG_TRUNC|MSG_PEEK', 'MSG_WAITALL', 'MSG_PEEK|MSG_WAITALL', 'MSG_CMSG_CLOEXEC'].flatMap(
      (flags) => [
        step('a.send', bytes('a message')),
        buffer(4),
        step('b.recvInto', ref('memory'), 0, constant(flags)),
        contents,
        step('b.recvfromInto', ref('memory'), 3, constant(mode.waits ? `${flags}|MSG_DONTWAIT` : flags)),
        // CPython hands out memory that nothing was written to: see the table of differences.
        ...(flags.includes('TRUNC') ? [] : [step('b.recv', 4, constant(`${flags}|MSG_DONTWAIT`))]),
        step('b.recv', 100, DONTWAIT),
        step('b.recv', 100, DONTWAIT),
      ],
    ),
    step('a.send', bytes('!'), constant('MSG_OOB')),
    step('b.recv', 1, constant(mode.waits ? 'MSG_OOB|MSG_DONTWAIT' : 'MSG_OOB')),
    step('b.recv', 1, constant('MSG_OOB|MSG_DONTWAIT')),
    step('b.recv', 1, DONTWAIT),
    step('b.recv', 1, constant(mode.waits ? 'MSG_ERRQUEUE|MSG_DONTWAIT' : 'MSG_ERRQUEUE')),
    step('a.send', bytes('more'), constant('MSG_MORE')),
    step('a.send', bytes('end'), constant('MSG_EOR')),
    step('b.recv', 100, DONTWAIT),
    step('a.send', bytes('x'), constant('MSG_FASTOPEN')),
    step('b.recv', 100, DONTWAIT),
  ],

  'shutdown to write': (domain, mode) => [
    ...connected(domain, mode),
    step('a.send', bytes('last words')),
    step('a.shutdown', constant('SHUT_WR')),
    step('a.send', bytes('x')),
    step('a.sendall', bytes('x')),
    step('a.sendto', bytes('x'), ref('bAddress')),
    step('b.recv', 100),
    ...ended(domain, 'b', mode),
    step('b.send', bytes('answer')),
    step('a.recv', 100, ...notWaiting(mode)),
    step('a.shutdown', constant('SHUT_WR')),
    step('a.shutdown', constant('SHUT_RD')),
    step('a.recv', 100, DONTWAIT),
    step('b.send', bytes('too late')),
    step('a.recv', 100, DONTWAIT),
    step('a.getpeername'),
  ],

  'shutdown to read, and both': (domain, mode) => [
    ...connected(domain, mode),
    step('a.shutdown', constant('SHUT_RD')),
    ...ended(domain, 'a', mode),
    step('a.send', bytes('x')),
    step('b.recv', 10, ...notWaiting(mode)),
    step('b.shutdown', constant('SHUT_RDWR')),
    ...ended(domain, 'b', mode),
    step('b.send', bytes('x')),
    step('a.send', bytes('x')),
    step('a.send', bytes('x')),
    step('a.getsockopt', SOL_SOCKET, constant('SO_ERROR')),
    step('a.getpeername'),
    step('b.getpeername'),
    step('b.shutdown', constant('SHUT_RDWR')),
    ...[3, -1, 2 ** 31, '1', null].map((how) => step('a.shutdown', how)),
  ],

  'the peer closes': (domain, mode) => [
    ...connected(domain, mode),
    step('a.send', bytes('unread')),
    step('b.send', bytes('from b')),
    step('b.close'),
    step('a.recv', 100, ...notWaiting(mode)),
    step('a.recv', 100, DONTWAIT),
    step('a.send', bytes('x')),
    step('a.send', bytes('x')),
    step('a.sendall', bytes('x')),
    step('a.recv', 100, DONTWAIT),
    step('a.getpeername'),
    step('a.getsockopt', SOL_SOCKET, constant('SO_ERROR')),
    step('a.shutdown', constant('SHUT_RDWR')),
    step('a.connectEx', ref('bAddress')),
  ],

  'the peer resets': (domain, mode) => [
    ...connected(domain, mode),
    step('b.setsockopt', SOL_SOCKET, constant('SO_LINGER'), { bytes: '0100000000000000' }),
    step('b.close'),
    step('a.recv', 100, DONTWAIT),
    step('a.recv', 100, DONTWAIT),
    step('a.send', bytes('x')),
    step('a.sendall', bytes('x')),
    step('a.shutdown', constant('SHUT_RDWR')),
    step('a.close'),
  ],

  connect: (domain, mode) => [
    ...bound(domain, 'server'),
    step('server.listen'),
    ...open(domain, 'a', mode),
    step('a.connectEx', ref('serverAddress')),
    step('a.connectEx', ref('serverAddress')),
    step('a.connect', ref('serverAddress')),
    step('a.getpeername'),
    ...open(domain, 'b', mode),
    step('b.connect', ref('serverAddress')),
    step('b.connect', ref('serverAddress')),
    step('b.listen'),
    step('b.bind', domain.own('late')),
    step('b.getpeername'),
    ...open(domain, 'c', mode),
    step('c.connectEx', domain.nobody),
    step('c.getsockopt', SOL_SOCKET, constant('SO_ERROR')),
    step('c.connect', domain.nobody),
    step('c.send', bytes('x')),
    step('c.recv', 1, DONTWAIT),
    step('c.getpeername'),
    ...open(domain, 'd', mode),
    step('d.connect', domain.nobody),
    step('d.recv', 1, DONTWAIT),
  ],

  sendto: (domain, mode) => [
    ...bound(domain, 'server', mode),
    ...bound(domain, 'a', mode),
    step('a.sendto', bytes('one'), ref('serverAddress')),
    step('server.recvfrom', 100, ...notWaiting(mode)),
    step('a.sendto', bytes('two'), 0, ref('serverAddress')),
    step('server.recvfrom', 2, ...notWaiting(mode)),
    step('a.sendto', bytes('three'), DONTWAIT, ref('serverAddress')),
    buffer(4),
    step('server.recvfromInto', ref('memory'), 0, constant('MSG_TRUNC|MSG_DONTWAIT')),
    contents,
    step('a.sendto', bytes(''), ref('serverAddress')),
    step('server.recvfrom', 10, DONTWAIT),
    step('a.sendto', bytes('x')),
    step('a.sendto', bytes('x'), 0),
    step('a.sendto', bytes('x'), 0, null),
    step('a.sendto', bytes('x'), null, ref('serverAddress')),
    step('a.sendto', bytes('x'), ref('serverAddress'), 0),
    step('a.sendto', bytes('x'), 0, ref('serverAddress'), 0),
    step('a.sendto', 'text', ref('serverAddress')),
    step('a.sendto', bytes('x'), domain.nobody),
    step('a.sendto', bytes('x'), domain.nobody),
  ],

  options: (domain, mode) => [
    ...open(domain, 's', mode),
    ...options.flatMap(([level, name, value]) => [
      step('s.getsockopt', constant(level), constant(name)),
      step('s.setsockopt', constant(level), constant(name), value),
      step('s.getsockopt', constant(level), constant(name)),
      step('s.getsockopt', constant(level), constant(name), 16),
      step('s.getsockopt', constant(level), constant(name), 1),
    ]),
    step('s.setsockopt', SOL_SOCKET, 9999, 1),
    step('s.getsockopt', SOL_SOCKET, 9999),
    step('s.getsockopt', 9999, 1),
    step('s.getsockopt', 9999, 1, 4),
    step('s.setsockopt', 9999, 1, 1),
    step('s.setsockopt', SOL_SOCKET, constant('SO_REUSEADDR'), null, 0),
    step('s.setsockopt', SOL_SOCKET, constant('SO_REUSEADDR'), null, 4),
    step('s.setsockopt', SOL_SOCKET, constant('SO_REUSEADDR'), bytes('')),
    step('s.setsockopt', SOL_SOCKET, constant('SO_REUSEADDR'), bytes('abc')),
  ],

  'dup and fileno': (domain, mode) => [
    ...bound(domain, 's', mode),
    step('t = s.dup'),
    ...looks('t'),
    step('t.close'),
    step('s.getsockname'),
    step('fd = s.detach'),
    step('u = fromfd', ref('fd'), domain.family, domain.type),
    ...looks('u'),
    { ...step('v = Socket'), options: { fileno: ref('fd') } },
    ...looks('v'),
    step('v.settimeout', mode.timeout),
    step('v.close'),
    step('close', ref('fd')),
    step('u.getsockname'),
    { ...step('w = Socket'), options: { fileno: ref('fd') } },
  ],
};

/** Each scenario over each family and type in each mode. */
export const product: Script[] = domains.flatMap((domain) =>
  modes.flatMap((mode) =>
    Object.entries(scenarios).map(([title, steps]) => ({
      title: `${title}: ${domain.name}, ${mode.mode}`,
      steps: steps(domain, mode),
    })),
  ),
);
