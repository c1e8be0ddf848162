import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { capability, connectedPair, need, program, socketConformance } from '@bsd-sockets/family-testkit';
import { OSError, SOCK_SEQPACKET, SOCK_STREAM, Socket, TimeoutError } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import {
  AF_VSOCK,
  VMADDR_CID_ANY,
  VMADDR_CID_LOCAL,
  VMADDR_PORT_ANY,
  type VsockAddress,
  vsockOptions,
} from '@bsd-sockets/vsock';
import { describe, expect, onTestFinished, test } from 'vitest';

function hasLoopback(): boolean {
  using socket = new Socket(AF_VSOCK, SOCK_STREAM);
  try {
    socket.bind(free);
    return true;
  } catch (error) {
    if (error instanceof OSError) return false;
    throw error;
  }
}

const free: VsockAddress = [VMADDR_CID_LOCAL, VMADDR_PORT_ANY];

const streams = capability('AF_VSOCK', 'SOCK_STREAM');
const loopback = streams.available ? need(hasLoopback(), 'the loopback of AF_VSOCK: modprobe vsock_loopback') : streams;
const python = program('python3', 'python3');
const socat = program('socat', 'socat');

describe.skipIf(!loopback.available)(`vsock ${loopback.reason}`, () => {
  describe.skipIf(!socat.available)(`with socat ${socat.reason}`, () => {
    test('as the client, and a server on promises', async () => {
      using server = new promises.Socket(AF_VSOCK, SOCK_STREAM);
      server.bind(free);
      server.listen();
      const peer = spawn('socat', ['-', `VSOCK-CONNECT:1:${server.getsockname()[1]}`], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      onTestFinished(() => void peer.kill());
      peer.stdin.write('from socat');
      const [connection] = await server.accept();
      expect((await connection.recv(100)).toString()).toBe('from socat');
      await connection.sendall(Buffer.from('from Node'));
      connection.close();
      expect((await peer.stdout.toArray()).join('')).toBe('from Node');
    });

    test('as the server, and a client that blocks', async () => {
      const port = 0x5000;
      const peer = spawn('socat', ['-d', '-d', `VSOCK-LISTEN:${port}`, 'EXEC:cat'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      onTestFinished(() => void peer.kill());
      let said = '';
      while (!said.includes('listening')) said += (await once(peer.stderr, 'data'))[0];
      using client = new Socket(AF_VSOCK, SOCK_STREAM);
      client.settimeout(20);
      client.connect([VMADDR_CID_LOCAL, port]);
      client.sendall(Buffer.from('there and back'));
      expect(client.recv(100).toString()).toBe('there and back');
      client.close();
      await once(peer, 'close');
    });
  });

  describe.each([
    ['streams', SOCK_STREAM],
    ['sequenced packets', SOCK_SEQPACKET],
  ])('%s', (_, type) => {
    const checks = socketConformance({
      family: AF_VSOCK,
      type,
      binds: [
        [free, ([cid, port]) => cid === VMADDR_CID_LOCAL && port !== VMADDR_PORT_ANY],
        [
          [VMADDR_CID_ANY, 2 ** 31],
          [VMADDR_CID_ANY, 2 ** 31],
        ],
      ],
      open: () => connectedPair(AF_VSOCK, type, 0, free, free),
      listen: free,
      connected: true,
    });
    for (const { name, run } of checks) test(name, run);

    describe.skipIf(!python.available)(`with CPython ${python.reason}`, () => {
      test('as the client', async () => {
        using server = listen(type);
        const peer = new Python(
          `s.connect((1, ${server.getsockname()[1]})); s.sendall(b"from CPython"); print(s.recv(100), s.getpeername())`,
          type,
        );
        const [connection, address] = server.accept();
        using _connection = connection;
        expect(address[0]).toBe(VMADDR_CID_LOCAL);
        expect(connection.recv(100).toString()).toBe('from CPython');
        connection.sendall(Buffer.from('from Node'));
        expect(await peer.finish()).toBe(`b'from Node' (1, ${server.getsockname()[1]})\n`);
      });

      test('as the server, and a client on promises', async () => {
        const peer = new Python(
          's.bind((1, 0xffffffff)); s.listen(); print(s.getsockname()[1], flush=True)\nfor i in range(2):\n  c, a = s.accept(); c.sendall(c.recv(100).upper()); print(a[0])',
          type,
        );
        const port = Number(await peer.line());
        using client = new Socket(AF_VSOCK, type);
        client.connect([VMADDR_CID_LOCAL, port]);
        client.sendall(Buffer.from('from node'));
        expect(client.recv(100).toString()).toBe('FROM NODE');
        using second = new promises.Socket(AF_VSOCK, type);
        await second.connect([VMADDR_CID_LOCAL, port]);
        await second.sendall(Buffer.from('on promises'));
        expect((await second.recv(100)).toString()).toBe('ON PROMISES');
        expect(await peer.finish()).toBe(`${port}\n1\n1\n`);
      });
    });
  });

  test('a sequenced packet keeps its bounds', () => {
    const [first, second] = connectedPair(AF_VSOCK, SOCK_SEQPACKET, 0, free);
    using _first = first;
    using _second = second;
    for (const packet of ['one', 'two', 'three']) first.send(Buffer.from(packet));
    expect([second.recv(100), second.recv(100), second.recv(3)].join()).toBe('one,two,thr');
  });

  test('a megabyte arrives whole', () => {
    const [first, second] = connectedPair(AF_VSOCK, SOCK_STREAM, 0, free);
    using _first = first;
    using _second = second;
    const data = Buffer.alloc(2 ** 20, 'vsock ');
    const received: Buffer[] = [];
    for (let sent = 0; sent < data.length; ) {
      sent += first.send(data.subarray(sent, sent + 2 ** 16));
      received.push(second.recv(2 ** 16));
    }
    first.close();
    for (let rest = second.recv(2 ** 16); rest.length > 0; rest = second.recv(2 ** 16)) received.push(rest);
    expect(Buffer.concat(received).equals(data)).toBe(true);
  });

  test('a stream ends where its peer has closed, even if this side ends first', async () => {
    const [near, far] = await promisedPair();
    far.close();
    const stream = near.toDuplex();
    const events: string[] = [];
    for (const event of ['error', 'end', 'close'])
      stream.on(event, (what) => events.push(`${event} ${what?.code ?? ''}`));
    stream.end();
    stream.resume();
    if (!stream.closed) await once(stream, 'close');
    expect(events.map((event) => event.trim())).toEqual(['end', 'close']);
  });

  test('a stream tells the addresses of the family, and http runs over it', async () => {
    using listener = new promises.Socket(AF_VSOCK, SOCK_STREAM);
    listener.bind(free);
    listener.listen();
    const server = createServer(({ socket }, response) =>
      response.end(`${socket.remoteAddress} ${typeof socket.remotePort}`),
    );
    promises.feed(server, listener);
    const agent = new promises.HttpAgent({ family: AF_VSOCK, address: listener.getsockname() });
    const [response] = await once(get({ agent }), 'response');
    expect((await response.toArray()).join('')).toBe(`${VMADDR_CID_LOCAL} number`);
    agent.destroy();
    server.close();
  });

  test('a port without a server refuses', () => {
    using client = new Socket(AF_VSOCK, SOCK_STREAM);
    expect(() => client.connect([VMADDR_CID_LOCAL, 4711])).toThrow(
      expect.objectContaining({ code: 'ECONNRESET', address: [VMADDR_CID_LOCAL, 4711] }),
    );
  });

  test('an accept ends with its timeout', () => {
    using server = listen(SOCK_STREAM);
    server.settimeout(0.05);
    expect(() => server.accept()).toThrow(TimeoutError);
  });

  test('the options keep what they are set to', () => {
    const { SO_VM_SOCKETS_BUFFER_MAX_SIZE, SO_VM_SOCKETS_BUFFER_MIN_SIZE, SO_VM_SOCKETS_BUFFER_SIZE } = vsockOptions;
    using socket = new Socket(AF_VSOCK, SOCK_STREAM);
    // The kernel takes them from a socket that has a transport.
    socket.bind(free);
    socket.setOption(SO_VM_SOCKETS_BUFFER_MAX_SIZE, 2 ** 20);
    socket.setOption(SO_VM_SOCKETS_BUFFER_MIN_SIZE, 2 ** 12);
    const sizes = [2 ** 16, 2 ** 21, 1].map((size) => {
      socket.setOption(SO_VM_SOCKETS_BUFFER_SIZE, size);
      return socket.getOption(SO_VM_SOCKETS_BUFFER_SIZE);
    });
    expect(sizes).toEqual([2 ** 16, 2 ** 20, 2 ** 12]);
    expect(socket.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE.option)).toBe(2 ** 12);
    expect(() => socket.setOption(SO_VM_SOCKETS_BUFFER_SIZE, -1)).toThrow(
      expect.objectContaining({
        code: 'ERR_OUT_OF_RANGE',
        message: expect.stringMatching(/^SO_VM_SOCKETS_BUFFER_SIZE: /),
      }),
    );
    socket.setOption(vsockOptions.SO_VM_SOCKETS_CONNECT_TIMEOUT, 1.5);
    // The kernel counts in ticks.
    expect(socket.getOption(vsockOptions.SO_VM_SOCKETS_CONNECT_TIMEOUT)).toBeCloseTo(1.5, 1);
  });
});

function listen(type: number) {
  const server = new Socket(AF_VSOCK, type);
  server.bind(free);
  server.listen();
  server.settimeout(20);
  return server;
}

/** A CPython process with a socket `s`. */
class Python {
  private readonly child: ChildProcess;
  private output = '';

  constructor(statements: string, type: number) {
    const code = `import socket\ns = socket.socket(socket.AF_VSOCK, ${type})\ns.settimeout(20)\n${statements}`;
    this.child = spawn('python3', ['-c', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child.stdout!.setEncoding('utf8').on('data', (text) => {
      this.output += text;
    });
  }

  /** Its first line. */
  async line(): Promise<string> {
    while (!this.output.includes('\n')) await once(this.child.stdout!, 'data');
    return this.output;
  }

  /** All that it printed, once it has ended. */
  async finish(): Promise<string> {
    if (this.child.exitCode === null || !this.child.stdout!.readableEnded) await once(this.child, 'close');
    return this.output;
  }
}

async function promisedPair(): Promise<[promises.Socket<typeof AF_VSOCK>, promises.Socket<typeof AF_VSOCK>]> {
  using listener = new promises.Socket(AF_VSOCK, SOCK_STREAM);
  listener.bind(free);
  listener.listen();
  const client = new promises.Socket(AF_VSOCK, SOCK_STREAM);
  const [[connection]] = await Promise.all([listener.accept(), client.connect(listener.getsockname())]);
  return [client, connection];
}
