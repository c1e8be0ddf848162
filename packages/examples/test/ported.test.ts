import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { need, program } from '@bsd-sockets/family-testkit';
import { AF_INET, createConnection, createServer, options, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { hasNamespace, MISSING, NetworkNamespace } from './network-namespace';
import { commandOf, hasPython, type Program, start } from './process';

// Public kinds of Python programs, here and in Python: each is the other's peer, and both say the same.

const folder = mkdtempSync(join(tmpdir(), 'ported-'));
afterAll(() => rmSync(folder, { recursive: true }));

const twin = (name: string) => fileURLToPath(new URL(`python/${name.replaceAll('-', '_')}.py`, import.meta.url));
const commands = {
  ours: commandOf,
  python: (name: string, ...args: string[]) => ['python3', '-u', twin(name), ...args],
};
type Side = keyof typeof commands;
const SIDES = ['ours', 'python'] as const;
const PAIRS = [
  ['ours', 'python'],
  ['python', 'ours'],
  ['ours', 'ours'],
] as const;

const run = (side: Side, name: string, ...args: string[]) => start(commands[side](name, ...args));

async function portOf(server: Program): Promise<string> {
  return /(\d+)\D*$/.exec(await server.firstLine())![1]!;
}

describe('the page of the examples', () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/\]\((src\/[\w-]+\.ts)\) \|.*\| (\d+) \| \[(\d+)\]\((test\/python\/\w+\.py)\)/g)];
  const lines = (file: string) =>
    readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => /^\s*[^\s/#*]/.test(line));

  test.each(rows.map(([, ...row]) => row as [string, string, string, string]))(
    'counts the lines of %s',
    (ours, count, twins, twin) => {
      expect([lines(ours).length, lines(twin).length]).toEqual([Number(count), Number(twins)]);
    },
  );
});

describe.skipIf(without('python3'))('programs as in Python (python3)', { timeout: 90_000 }, () => {
  test.each(SIDES)('a SOCKS5 proxy: %s', async (side) => {
    const server = start([
      'python3',
      '-uc',
      `import socket, threading
s = socket.create_server(('127.0.0.1', 0))
print(s.getsockname()[1])
def serve(c):
    while d := c.recv(65536): c.sendall(d)
    c.close()
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()`,
    ]);
    const closed = createServer(['127.0.0.1', 0]);
    const [, nobody] = closed.getsockname();
    closed.close();
    const proxy = run(side, 'socks5-proxy', '0', '127.0.0.1');
    const [port, target] = [await portOf(proxy), await portOf(server)];
    const client = run('python', 'socks5-client', port, target, `${nobody}`);
    expect(await client.finish()).toEqual(['0 True', '0 True', '5', '7', '8']);
  });

  test.each(PAIRS)('TFTP: served by %s, asked by %s', async (serving, asking) => {
    const files = mkdtempSync(join(folder, 'tftp-'));
    const served = join(files, 'served');
    mkdirSync(served);
    // A last block of its own, and one of no bytes.
    const contents = { odd: Buffer.alloc(100_001, 'tftp'), even: Buffer.alloc(512 * 3, 'x') };
    for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(served, name), bytes);
    const server = run(serving, 'tftp', 'serve', served, '0', '127.0.0.1');
    const port = await portOf(server);
    for (const [name, bytes] of Object.entries(contents)) {
      const got = join(files, `got-${name}`);
      expect(await run(asking, 'tftp', 'get', '127.0.0.1', port, name, got).finish()).toEqual([`Got ${name}`]);
      expect(readFileSync(got).equals(bytes)).toBe(true);
      const put = run(asking, 'tftp', 'put', '127.0.0.1', port, `put-${name}`, got);
      expect(await put.finish()).toEqual([`Put put-${name}`]);
      await expect.poll(() => readFileSync(join(served, `put-${name}`)).equals(bytes)).toBe(true);
    }
    const missing = run(asking, 'tftp', 'get', '127.0.0.1', port, 'missing', join(files, 'missing'));
    await expect(missing.finish()).rejects.toThrow('File not found');
  });

  test.each(PAIRS)('DNS: served by %s, asked by %s', async (serving, asking) => {
    const many = Array.from({ length: 40 }, (_, index) => `many.test=192.0.2.${index + 1}`);
    const entries = ['www.test=192.0.2.7', 'www.test=2001:db8::7', ...many];
    const port = await portOf(run(serving, 'dns', 'serve', '0', '127.0.0.1', ...entries));
    const ask = (over: string, name: string) => run(asking, 'dns', 'ask', over, '127.0.0.1', port, name).finish();
    for (const over of ['udp', 'tcp']) {
      expect(await ask(over, 'WWW.test')).toEqual(['A 192.0.2.7', 'AAAA 2001:db8::7']);
      expect(await ask(over, 'nobody.test')).toEqual(['A no such name', 'AAAA no such name']);
    }
    expect((await ask('udp', 'many.test'))[0]).toBe('A truncated');
    expect((await ask('tcp', 'many.test'))[0]).toBe(`A ${many.map((entry) => entry.slice(10)).join(' ')}`);
  });

  test.each(SIDES)('a pre-forking server: %s', async (side) => {
    const server = run(side, 'prefork', '0', '3', '127.0.0.1');
    const port = Number(await portOf(server));
    const ask = () => {
      using client = createConnection(['127.0.0.1', port], { timeout: 20 });
      client.sendall(Buffer.from('hello'));
      const [, pid, text] = /^(\d+) got (.*)$/.exec(`${client.recv(100)}`)!;
      expect(text).toBe('hello');
      return Number(pid);
    };
    const first = ask();
    expect(first).not.toBe(server.pid);
    for (let count = 0; count < 20; count++) ask();
    // One that dies is replaced: the others serve meanwhile, and it is none of them. A connection that it took last dies with it.
    process.kill(first, 'SIGKILL');
    await expect.poll(() => existsSync(`/proc/${first}`)).toBe(false);
    for (let count = 0; count < 20; count++) expect(ask()).not.toBe(first);
    server.kill('SIGTERM');
    await server.finish();
    expect(ask).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }));
  });

  test.each(SIDES)('socketserver: %s', async (side) => {
    const server = run(side, 'socket-server', '0', '127.0.0.1');
    const port = Number(await portOf(server));
    const connect = () => createConnection(['127.0.0.1', port], { timeout: 20 });
    using first = connect();
    using second = connect();
    // Beside each other, and a line in two parts.
    first.sendall(Buffer.from('half a '));
    second.sendall(Buffer.from('one\ntwo\n'));
    expect(`${second.recvExactly(8)}`).toBe('ONE\nTWO\n');
    first.sendall(Buffer.from('line\n'));
    expect(`${first.recvExactly(12)}`).toBe('HALF A LINE\n');
    using datagrams = new Socket(AF_INET, SOCK_DGRAM);
    datagrams.settimeout(20);
    datagrams.sendto(Buffer.from('datagram'), ['127.0.0.1', port]);
    expect(`${datagrams.recv(100)}`).toBe('DATAGRAM');
    // A client that resets its connection ends only that.
    first.setOption(options.SO_LINGER, 0);
    first.close();
    await expect.poll(() => server.lines.slice(1)).toEqual(['Failed: 127.0.0.1 ConnectionResetError']);
    second.sendall(Buffer.from('three\n'));
    expect(`${second.recvExactly(6)}`).toBe('THREE\n');
    second.close();
    server.kill('SIGTERM');
    await server.finish();
    expect(connect).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }));
  });

  const makeCertificate = (name: string): [key: string, certificate: string] => {
    const [key, certificate] = [join(folder, `${name}-key.pem`), join(folder, `${name}.pem`)];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2'];
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    execFileSync('openssl', ['req', '-x509', ...made, ...names], { stdio: 'ignore' });
    return [key, certificate];
  };

  const openssl = program('openssl', 'openssl');
  test.skipIf(!openssl.available).each(PAIRS)(
    `STARTTLS: served by %s, asked by %s ${openssl.reason}`,
    async (serving, asking) => {
      const [key, certificate] = makeCertificate('localhost');
      const server = run(serving, 'starttls', 'serve', key, certificate, '0', '127.0.0.1');
      const client = run(asking, 'starttls', 'ask', '127.0.0.1', await portOf(server), certificate);
      const spoken = ['220 ready', '250 STARTTLS', '220 go ahead', '250 10', '250 4', '221 bye'];
      expect(await client.finish()).toEqual(spoken);
      expect((await server.finish()).slice(1)).toEqual(['Under TLS: EHLO again', 'Under TLS: NOOP']);
    },
  );

  test.skipIf(!openssl.available).each(PAIRS)(
    `TLS on blocking sockets: served by %s, asked by %s ${openssl.reason}`,
    async (serving, asking) => {
      const [key, certificate] = makeCertificate('localhost');
      const server = run(serving, 'tls-socket', 'serve', key, certificate, '0', '127.0.0.1');
      const client = run(asking, 'tls-socket', 'ask', '127.0.0.1', await portOf(server), certificate);
      expect(await client.finish()).toEqual(['HELLO', 'BLOCKING']);
      expect((await server.finish()).slice(1)).toEqual([]);
    },
  );

  test.skipIf(!openssl.available).each(PAIRS)(
    `TLS on blocking sockets fails as the handshake does: served by %s, asked by %s ${openssl.reason}`,
    async (serving, asking) => {
      const [key, certificate] = makeCertificate('localhost');
      const [, other] = makeCertificate('other');
      const server = run(serving, 'tls-socket', 'serve', key, certificate, '0', '127.0.0.1');
      const client = run(asking, 'tls-socket', 'ask', '127.0.0.1', await portOf(server), other);
      await expect(client.finish()).rejects.toThrow(/self[- ]signed certificate/);
      await expect(server.finish()).rejects.toThrow(/alert|closed|EOF/);
    },
  );
});

const up = 'ip link set lo up';
const setup = `${up}; ip link add v0 type veth peer name v1; ip route add 224.0.0.0/4 dev lo`;
// Interfaces go from one namespace to another, which root may do.
const { available, reason } = need(hasPython && process.getuid!() === 0 && hasNamespace(setup), MISSING);

/** Two namespaces and the link between them: the end in the second one has two addresses. */
async function link(): Promise<[here: NetworkNamespace, there: NetworkNamespace]> {
  const [here, there] = [await NetworkNamespace.create(up), await NetworkNamespace.create(up)];
  here.run(`ip link add here type veth peer name there netns ${there.pid}
    ip link set here address 02:00:00:00:00:01; ip addr add 192.0.2.1/24 dev here; ip link set here up`);
  there.run(`ip link set there address 02:00:00:00:00:02; ip link set there up
    ip addr add 192.0.2.2/24 dev there; ip addr add 192.0.2.9/24 dev there`);
  return [here, there];
}

/** A namespace, two routers behind it and a host at the end, 10.0.3.2. */
async function route(): Promise<NetworkNamespace> {
  const hops: NetworkNamespace[] = [];
  for (let count = 0; count < 4; count++) hops.push(await NetworkNamespace.create(up));
  for (let index = 1; index < 4; index++) {
    hops[index - 1]!.run(`ip link add out type veth peer name in netns ${hops[index]!.pid}
      ip addr add 10.0.${index}.1/24 dev out; ip link set out up`);
    hops[index]!.run(`ip addr add 10.0.${index}.2/24 dev in; ip link set in up
      echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/icmp_ratelimit`);
  }
  hops[0]!.run('ip route add default via 10.0.1.2');
  hops[1]!.run('ip route add 10.0.3.0/24 via 10.0.2.2');
  hops[2]!.run('ip route add 10.0.1.0/24 via 10.0.2.1');
  hops[3]!.run('ip route add default via 10.0.3.1');
  return hops[0]!;
}

describe.skipIf(!available)(`programs of a network as in Python ${reason}`, { timeout: 90_000 }, () => {
  test('a scan by ARP', async () => {
    const [here] = await link();
    for (const side of SIDES) {
      const scan = start(here.command(commands[side]('arp-scan', 'here', '192.0.2.0/28', '1')));
      expect(await scan.finish()).toEqual(['192.0.2.2 02:00:00:00:00:02', '192.0.2.9 02:00:00:00:00:02']);
    }
  });

  test('a trace of the route', async () => {
    const network = await route();
    for (const side of SIDES) {
      const trace = start(network.command(commands[side]('traceroute', '10.0.3.2', '8', '2')));
      expect(await trace.finish()).toEqual(['1 10.0.1.2', '2 10.0.2.2', '3 10.0.3.2']);
    }
  });

  test.each(PAIRS)('multicast DNS: answered by %s, asked by %s', async (answering, asking) => {
    const network = await NetworkNamespace.create(`${up}; ip route add 224.0.0.0/4 dev lo`);
    const answerer = start(
      network.command(commands[answering]('mdns', 'answer', 'printer.local', '192.0.2.44', '127.0.0.1')),
    );
    expect(await answerer.firstLine()).toBe('Answering to printer.local');
    const ask = (name: string) => start(network.command(commands[asking]('mdns', 'ask', name, '127.0.0.1')));
    expect(await ask('Printer.local').finish()).toEqual(['192.0.2.44']);
    await expect(ask('scanner.local').finish()).rejects.toThrow('nobody answers');
  });

  test.each(PAIRS)('DHCP: served by %s, asked by %s', async (serving, asking) => {
    const [here, there] = await link();
    const server = start(here.command(commands[serving]('dhcp', 'serve', 'here', '192.0.2.1', '192.0.2.100', '10')));
    expect(await server.firstLine()).toBe('Serving at here');
    // The same host gets the same address.
    for (let count = 0; count < 2; count++) {
      const client = start(there.command(commands[asking]('dhcp', 'ask', 'there')));
      expect(await client.finish()).toEqual(['192.0.2.100 from 192.0.2.1 for 3600 s']);
    }
  });
});

const tunSetup = `${up}; echo "0 0" >/proc/sys/net/ipv4/ping_group_range; exec 3<>/dev/net/tun`;
const tun = need(hasPython && hasNamespace(tunSetup), `/dev/net/tun (CONFIG_TUN), or ${MISSING}`);

describe.skipIf(!tun.available)(`a TUN interface as in Python ${tun.reason}`, { timeout: 90_000 }, () => {
  test.each(SIDES)('answers to pings: %s', async (side) => {
    const network = await NetworkNamespace.create(tunSetup);
    const program = start(network.command(commands[side]('tun', 'ping%d', '198.51.100.1/24', '3')));
    expect(await program.firstLine()).toBe('Answering at ping0');
    const ping = (...args: string[]) => start(network.command(commandOf('ping', ...args))).finish();
    // The kernel takes only an answer with a right checksum.
    expect((await ping('198.51.100.7', '2', '0.01')).at(-1)).toBe('2 sent, 2 received');
    expect((await ping('198.51.100.200', '1')).at(-1)).toBe('1 sent, 1 received');
    const answers = ['7', '7', '200'].map((host) => `198.51.100.${host} answers 198.51.100.1`);
    expect(await program.finish()).toEqual(['Answering at ping0', ...answers]);
    // With its descriptor the interface went too.
    network.run('! ip link show ping0 2>/dev/null');
  });
});
