import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AF_INET,
  AF_UNIX,
  createServer,
  recvFds,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  sendFds,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { openDescriptors } from '../open-descriptors';

const files = () => openDescriptors().filter((fd) => fd.includes('/')).length;
const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-fds-'));
const here = join(folder, 'file');
writeFileSync(here, 'content');
afterAll(() => rmSync(folder, { recursive: true }));

describe('descriptors over a stream', () => {
  test('come before the bytes that they were sent with, and go with them', async () => {
    const before = files();
    const [a, b] = socketpair().map((socket) => socket.toDuplex({ fds: true }));
    const events: unknown[] = [];
    b!.on('fds', (fds: number[]) => {
      events.push(fds.map((fd) => fstatSync(fd).ino));
      for (const fd of fds) closeSync(fd);
    });
    b!.on('data', (data) => events.push(`${data}`));
    const fd = openSync(here, 'r');
    const inode = fstatSync(fd).ino;
    a!.write('plain');
    await expect.poll(() => events.length).toBe(1);
    a!.cork();
    a!.write('before ');
    expect(a!.writeWithFds!(Buffer.from('with two'), [fd, fd])).toBe(true);
    a!.write(' after');
    a!.writeWithFds!(Buffer.from('with one'), new Set([fd]));
    a!.uncork();
    // The stream has duplicates of its own.
    closeSync(fd);
    await expect.poll(() => events.join('|')).toContain('with one');
    const kinds = events.slice(1);
    expect(kinds.filter((event) => typeof event === 'object')).toEqual([[inode, inode], [inode]]);
    const text = kinds.filter((event) => typeof event === 'string').join('');
    expect(text).toBe('before with two afterwith one');
    // The kernel may deliver bytes from before with them, and none from after.
    const last = kinds.findLastIndex((event) => typeof event === 'object');
    expect(kinds.slice(last + 1).join('')).toMatch(/with one$/);
    expect(kinds.slice(0, last).join('')).not.toContain('with one');
    expect(files()).toBe(before);
    a!.destroy();
    b!.destroy();
  });

  test('survive a write that has to wait, and a peer that uses recvmsg', async () => {
    const before = files();
    const [a, b] = socketpair();
    const stream = a.toDuplex({ fds: true });
    stream.write(Buffer.alloc(2_000_000));
    const fd = openSync(here, 'r');
    const sent = new Promise((resolve) => stream.writeWithFds!(Buffer.from('!'), [fd], resolve));
    closeSync(fd);
    let received = 0;
    let fds: number[] = [];
    while (received < 2_000_001) {
      const [data, more] = await recvFds(b, 65536, 4);
      received += data.length;
      fds = fds.concat(more);
    }
    expect(await sent).toBeFalsy();
    expect(fds.length).toBe(1);
    expect(`${readFileSync(fds[0]!)}`).toBe('content');
    closeSync(fds[0]!);
    expect(files()).toBe(before);
    stream.destroy();
    b.close();
  });

  test('are closed if nobody listens, or the stream is destroyed before they are told or sent', async () => {
    const before = files();
    const [a, b] = socketpair();
    const deaf = b.toDuplex({ fds: true });
    const fd = openSync(here, 'r');
    await sendFds(a, [Buffer.from('x')], [fd, fd]);
    await once(deaf, 'readable');
    expect(files()).toBe(before + 1);
    // Received, and not told yet.
    await sendFds(a, [Buffer.from('y')], [fd]);
    deaf.destroy();
    await once(deaf, 'close');
    a.close();
    expect(files()).toBe(before + 1);

    const [c, d] = socketpair();
    const blocked = c.toDuplex({ fds: true });
    blocked.on('error', () => {});
    blocked.write(Buffer.alloc(4_000_000));
    const results = [0, 1].map(() => new Promise((resolve) => blocked.writeWithFds!(Buffer.from('z'), [fd], resolve)));
    expect(files()).toBe(before + 3);
    blocked.destroy();
    expect((await Promise.all(results)).every((error) => error instanceof Error)).toBe(true);
    blocked.writeWithFds!(Buffer.from('late'), [fd]);
    await new Promise((resolve) => setImmediate(resolve));
    closeSync(fd);
    d.close();
    expect(files()).toBe(before);
  });

  test('go with messages of a seqpacket socket too', async () => {
    const [a, b] = socketpair(AF_UNIX, SOCK_SEQPACKET).map((socket) => socket.toDuplex({ fds: true }));
    const events: string[] = [];
    b!.on('fds', (fds: number[]) => {
      events.push(`${fds.length}`);
      for (const fd of fds) closeSync(fd);
    });
    b!.on('data', (data) => events.push(`${data}`));
    a!.cork();
    a!.write('one');
    a!.writeWithFds!(Buffer.from('two'), [0, 1]);
    a!.write('three');
    a!.uncork();
    await expect.poll(() => events).toEqual(['one', '2', 'two', 'three']);
    a!.destroy();
    b!.destroy();
  });

  test('are refused where they cannot be, and are no method unless they are asked for', async () => {
    const [a, b] = socketpair().map((socket) => socket.toDuplex({ fds: true }));
    expect(() => a!.writeWithFds!(Buffer.alloc(0), [0])).toThrow(/^buffer: expected at least one byte/);
    expect(() => a!.writeWithFds!(Buffer.from('x'), [9999])).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(() => a!.writeWithFds!(Buffer.from('x'), ['0' as never])).toThrow(/^fds\[0\]: /);
    expect(() => a!.writeWithFds!(Buffer.from('x'), 0 as never)).toThrow(/^fds: expected an array/);
    a!.destroy();
    b!.destroy();
    const [c, d] = socketpair(AF_UNIX, SOCK_STREAM);
    expect(c.toDuplex().writeWithFds).toBeUndefined();
    using server = await createServer(['127.0.0.1', 0]);
    const client = new Socket(AF_INET);
    await client.connect(server.getsockname());
    expect(() => client.toDuplex({ fds: true })).toThrow(/^fds: expected false for a socket that is not of AF_UNIX/);
    client.close();
    d.close();
  });
});
