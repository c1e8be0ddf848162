import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The first uses of each module: expressions over what it exports. `library` is all of it: its constants are undefined. */
const USES: Record<string, string[]> = {
  'core-native': ['native.socket(2, 1, 0)', 'osError(-1)', 'new OSError(1)', 'native.close(0)'],
  resolver: [
    "getaddrinfo('localhost', 80)",
    "inetPton(library.AF_INET, '127.0.0.1')",
    'gethostname()',
    'new GaiError(-2)',
  ],
  'resolver/promises': ["getaddrinfo('localhost', 80)", "getfqdn('localhost')"],
  socket: [
    'socketpair()',
    'new Socket()',
    "createServer(['127.0.0.1', 0])",
    "createConnection(['127.0.0.1', 1])",
    'fromfd(0, library.AF_UNIX, library.SOCK_STREAM)',
  ],
  'socket/promises': [
    'socketpair()',
    'new Socket()',
    "createServer(['127.0.0.1', 0])",
    "createConnection(['127.0.0.1', 1])",
  ],
  alg: ["new Hash('sha256')"],
  bluetooth: ['new Socket(library.AF_BLUETOOTH, 5)'],
  'bluetooth-hci-socket': ['new library.BluetoothHciSocket().getDeviceList()'],
  can: ['encodeFrame({ id: 1 })'],
  divert: ['new Socket(library.AF_DIVERT, 3)'],
  hyperv: ['new Socket(library.AF_HYPERV, 1)'],
  netlink: ['new Netlink()'],
  packet: ['attachFilter(1, [])', 'new Socket(library.AF_PACKET, 3)'],
  qipcrtr: ['new Socket(library.AF_QIPCRTR, 2)'],
  rds: ['new Socket(library.AF_RDS, 5)'],
  system: ['new Socket(library.AF_SYSTEM, 2)'],
  tipc: ['getNodeId()'],
  vsock: ['getLocalCid()'],
  'raw-socket': ['createSocket({ protocol: 1 })'],
  'sd-notify': ['barrier()'],
  socketcan: ["createRawChannel('can0')"],
  'abstract-socket': ['new Promise((_, reject) => connect("\\0x").on("error", reject))'],
  'node-unix-socket': ['new DgramSocket()', 'new SeqpacketServer()', 'createReuseportFd()'],
  'unix-dgram': ["createSocket('unix_dgram')"],
  usocket: ["new USocket('/x')"],
};

test('the uses are of all packages', () => {
  const named = Object.keys(USES).filter((name) => !name.includes('/'));
  const published = [
    ...['core-native', 'resolver', 'socket'],
    ...['families', 'drop-ins'].flatMap((folder) => readdirSync(`${root}/packages/${folder}`)),
  ];
  expect(named.sort()).toEqual(published.sort());
});

const PROGRAM = `
  const { Socket } = require('@bsd-sockets/socket');
  async function codeOf(library, use) {
    try {
      await new Function('library', 'with (library) { return ' + use + ' }')(library);
      return 'nothing was thrown';
    } catch (error) {
      return error.code ?? error.message;
    }
  }
  (async () => {
    const results = {};
    for (const [name, uses] of Object.entries(JSON.parse(process.argv[1]))) {
      const library = { Socket, ...require('@bsd-sockets/' + name) };
      // An ECMAScript module too.
      const { default: _, ...named } = await import('@bsd-sockets/' + name);
      results[name] = [Object.keys(named).length > 0, await Promise.all(uses.map((use) => codeOf(library, use)))];
    }
    console.log(JSON.stringify(results));
  })();`;

test('all packages import without the addon, and their first use says that there is none', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM, JSON.stringify(USES)], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, BSD_SOCKETS_ADDON: '/no/such/addon' },
  });
  const expected = Object.entries(USES).map(([name, uses]) => [name, [true, uses.map(() => 'ERR_BSD_SOCKETS_ADDON')]]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(Object.fromEntries(expected));
});
