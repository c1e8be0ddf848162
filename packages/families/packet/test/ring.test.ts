import { describe, expect, test } from 'vitest';
import { inNamespace, missing } from './namespace';

describe.skipIf(missing !== '')(`a receive ring ${missing}`, () => {
  test('brings frames with what the kernel knows of them', () => {
    const [frames, during, after] = inNamespace(({ p, listen, frame }) => {
      const socket = listen('v1', 0);
      const ring = new p.PacketRing(socket, { rxhash: true });
      socket.bind(['v1', p.ETH_P_ALL]);
      const sender = listen('v0');
      const before = BigInt(Date.now()) * 1_000_000n;
      sender.send(frame('plain'));
      sender.send(frame('tagged', { tags: [{ id: 9, priority: 2 }] }));
      const frames = [];
      for (const { data, length, timestamp, address, vlan, losing } of ring) {
        const near = timestamp - before > -10_000_000n && timestamp - before < 60_000_000_000n;
        frames.push([
          data.toString('latin1', 14),
          length,
          near,
          address.slice(0, 4),
          address[4].toString('hex'),
          vlan,
          losing,
        ]);
        if (frames.length === 2) break;
      }
      const outcome = (call: () => unknown) => {
        try {
          return call();
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      };
      socket.settimeout(0.05);
      const during = [outcome(() => ring.recv()), outcome(() => new p.PacketRing(socket))];
      socket.setblocking(false);
      during.push(outcome(() => ring.recv()));
      ring.close();
      ring.close();
      during.push(
        outcome(() => ring.recv()),
        ring.closed,
        [...ring].length,
      );
      // The socket receives in the ordinary way again, and takes another ring.
      socket.settimeout(10);
      sender.send(frame('ordinary'));
      const after: unknown[] = [socket.recv(100).toString('latin1', 14)];
      const second = new p.PacketRing(socket);
      sender.send(frame('again'));
      after.push(second.recv().map(({ data }) => data.toString('latin1', 14)));
      socket.close();
      after.push(outcome(() => second.recv()));
      second.close();
      return [frames, during, after] as const;
    });
    expect(frames).toEqual([
      ['plain', 19, true, ['v1', 0x88b5, 0, 1], '02000000000a', null, false],
      [
        'tagged',
        20,
        true,
        ['v1', 0x88b5, 0, 1],
        '02000000000a',
        { id: 9, priority: 2, dropEligible: false, tpid: 0x8100 },
        false,
      ],
    ]);
    expect(during).toEqual(['ETIMEDOUT', 'EBUSY', 'EAGAIN', 'EBADF', true, 0]);
    expect(after).toEqual(['ordinary', ['again'], 'EBADF']);
  });

  test('keeps what an iterator that ends early has not yielded for the next one', async () => {
    const seen = inNamespace(async ({ s, p, listen, frame, require }) => {
      const promises = require(
        require.resolve('@bsd-sockets/socket/promises', { paths: [process.argv[2]!] }),
      ) as typeof import('@bsd-sockets/socket/promises');
      const sender = listen('v0');
      const send = () => {
        for (let number = 0; number < 6; number++) sender.send(frame(`${number}`));
      };
      const seen: string[] = [];
      const socket = new s.Socket(p.AF_PACKET, s.SOCK_RAW, 0);
      const ring = new p.PacketRing(socket);
      socket.bind(['v1', 0x88b5]);
      socket.settimeout(10);
      send();
      for (const end of [2, 3, 6]) {
        for (const { data } of ring) if (seen.push(data.toString('latin1', 14)) === end) break;
      }
      socket.close();
      ring.close();
      const waiting = new promises.Socket(p.AF_PACKET, s.SOCK_RAW, 0);
      const asyncRing = new p.AsyncPacketRing(waiting);
      await waiting.bind(['v1', 0x88b5]);
      waiting.settimeout(10);
      send();
      for (const end of [8, 9, 12]) {
        for await (const { data } of asyncRing) if (seen.push(data.toString('latin1', 14)) === end) break;
      }
      asyncRing.close();
      waiting.close();
      return seen;
    });
    expect(seen.join('')).toBe('012345012345');
  });

  test('under a flood loses frames by count: received and dropped are what was sent', () => {
    const { sent, received, inOrder, packets, drops, freezes, later } = inNamespace(({ s, p, listen, frame }) => {
      const socket = new s.Socket(p.AF_PACKET, s.SOCK_RAW, 0);
      p.attachFilter(socket, p.filter.etherType(0x88b5));
      const ring = new p.PacketRing(socket, { blockSize: 65_536, blockCount: 2, retireTimeout: 0.005 });
      socket.bind(['v1', p.ETH_P_ALL]);
      const sender = listen('v0');
      const flood = frame(Buffer.alloc(500));
      let sent = 0;
      let received = 0;
      let last = -1;
      let inOrder = true;
      const count = () => {
        for (const { data } of ring.recv()) {
          const number = data.readUInt32BE(14);
          inOrder &&= number > last;
          last = number;
          received++;
        }
      };
      const send = (frames: number) => {
        for (; frames > 0; frames--) {
          flood.writeUInt32BE(sent++, 14);
          sender.send(flood);
        }
      };
      const drain = () => {
        socket.settimeout(0.2);
        try {
          for (;;) count();
        } catch (error) {
          if (!(error instanceof s.TimeoutError)) throw error;
        }
      };
      for (let round = 0; round < 20; round++) {
        send(1000);
        socket.settimeout(10);
        count();
      }
      drain();
      const { PACKET_STATISTICS } = p.packetOptions;
      const statistics = socket.getOption(PACKET_STATISTICS);
      // Room again: nothing more is lost.
      send(10);
      drain();
      return { sent, received, inOrder, ...statistics, later: socket.getOption(PACKET_STATISTICS) };
    });
    expect(inOrder).toBe(true);
    expect(drops).toBeGreaterThan(0);
    expect(freezes).toBeGreaterThan(0);
    expect(packets).toBe(sent - 10);
    expect(received + drops).toBe(sent);
    expect(later).toEqual({ packets: 10, drops: 0, freezes: 0 });
  });

  test('fills a block again and again, whose frames are looked at in place', () => {
    const [looks, errors, own] = inNamespace(({ p, listen, frame }) => {
      const socket = listen('v1', 0);
      const ring = new p.PacketRing(socket, { blockSize: 65_536, rxhash: true });
      socket.bind(['v1', p.ETH_P_ALL]);
      const sender = listen('v0');
      // Memory of the caller's, in the middle of other memory, and where no integer would lie.
      const around = Buffer.alloc(65_536 + 2, 'x');
      const block = new p.PacketBlock(around.subarray(1, -1));
      const errors: unknown[] = [];
      const fails = (call: () => unknown) => {
        try {
          errors.push(['none', call()]);
        } catch (error) {
          errors.push([(error as NodeJS.ErrnoException).code, (error as Error).message]);
        }
      };
      fails(() => block.data(0));
      const before = BigInt(Date.now()) * 1_000_000n;
      const receive = (...frames: Buffer[]) => {
        for (const bytes of frames) sender.send(bytes);
        const looks = [];
        for (let received = 0; received < frames.length; ) {
          const count = ring.recvInto(block);
          received += count;
          for (let index = 0; index < block.count; index++) {
            const near =
              block.timestamp(index) - before > -10_000_000n && block.timestamp(index) - before < 60_000_000_000n;
            const start = block.offset(index);
            looks.push([
              block.buffer.toString('latin1', start + 14, start + block.nbytes(index)),
              block.data(index).equals(block.buffer.subarray(start, start + block.nbytes(index))),
              block.length(index),
              near,
              block.address(index).slice(0, 4),
              block.address(index)[4].toString('hex'),
              block.vlan(index),
              block.losing(index) || block.rxhash(index) === 0 || (block.status(index) & p.TP_STATUS_USER!) === 0,
            ]);
          }
          if (count !== block.count) looks.push('another count');
        }
        return looks;
      };
      const looks: unknown[] = receive(frame('plain'), frame('tagged', { tags: [{ id: 9, priority: 2 }] }));
      const kept = block.data(0);
      sender.send(frame('frames of recv have their own'));
      const [own] = ring.recv();
      looks.push(...receive(frame('other')));
      looks.push(kept === block.data(0), kept.toString('latin1', 14), around[0], around.at(-1));

      for (const index of [1, -1, 0.5, '0', undefined]) fails(() => block.offset(index as number));
      for (const wrong of [undefined, Buffer.alloc(65_536), new p.PacketBlock(Buffer.alloc(65_535))]) {
        fails(() => ring.recvInto(wrong as never));
      }
      fails(() => new p.PacketBlock(5 as never));
      socket.settimeout(0.05);
      fails(() => ring.recvInto(block));
      // A receive that failed leaves the frames of the one before.
      looks.push([block.count, block.data(0).toString('latin1', 14)]);
      socket.settimeout(10);
      sender.send(frame('waits for a block with its memory'));
      structuredClone(around.buffer, { transfer: [around.buffer] });
      fails(() => ring.recvInto(block));
      fails(() => block.length(0));
      fails(() => block.data(0));
      const other = new p.PacketBlock(new ArrayBuffer(ring.blockSize));
      looks.push([ring.recvInto(other), other.data(0).toString('latin1', 14)]);
      ring.close();
      fails(() => ring.recvInto(other));
      looks.push(other.data(0).toString('latin1', 14));
      return [looks, errors, own!.data.toString('latin1', 14)] as const;
    });
    const seen = (text: string, vlan: object | null = null) => {
      const length = text.length + 14;
      return [text, true, length, true, ['v1', 0x88b5, 0, 1], '02000000000a', vlan, false];
    };
    expect(looks).toEqual([
      seen('plain'),
      seen('tagged', { id: 9, priority: 2, dropEligible: false, tpid: 0x8100 }),
      seen('other'),
      false,
      'other',
      120,
      120,
      [1, 'other'],
      [1, 'waits for a block with its memory'],
      'waits for a block with its memory',
    ]);
    expect(own).toBe('frames of recv have their own');
    const transferred =
      "block: expected a block with its memory (which was transferred away), got 'block.buffer, which is empty' (string)";
    const small = "block: expected memory of at least the ring's 65536 bytes, got ";
    const none = 'index: expected the number of a frame (the block holds 1), got ';
    expect(errors).toEqual([
      ['ERR_OUT_OF_RANGE', 'index: expected the number of a frame (the block holds 0), got 0 (number)'],
      ['ERR_OUT_OF_RANGE', `${none}1 (number)`],
      ['ERR_OUT_OF_RANGE', `${none}-1 (number)`],
      ['ERR_OUT_OF_RANGE', `${none}0.5 (number)`],
      ['ERR_INVALID_ARG_TYPE', `${none}'0' (string)`],
      ['ERR_INVALID_ARG_TYPE', `${none}undefined (it is missing, or was given as undefined)`],
      ['ERR_INVALID_ARG_TYPE', expect.stringMatching(/^block: expected a PacketBlock, got undefined/)],
      ['ERR_INVALID_ARG_TYPE', expect.stringMatching(/^block: expected a PacketBlock, got <Buffer/)],
      ['ERR_INVALID_ARG_VALUE', `${small}65535 (number)`],
      ['ERR_INVALID_ARG_TYPE', expect.stringMatching(/^memory: expected bytes/)],
      ['ETIMEDOUT', expect.any(String)],
      ['ERR_INVALID_ARG_VALUE', `${small}0 (number)`],
      ['ERR_INVALID_ARG_VALUE', transferred],
      ['ERR_INVALID_ARG_VALUE', transferred],
      ['EBADF', expect.stringContaining('the ring is closed')],
    ]);
  });

  test('of the promise face fills a block, and heeds signals, the end and what becomes of the memory', async () => {
    const [seen, errors] = inNamespace(async ({ p, listen, frame, require }) => {
      const { Socket } = require(
        require.resolve('@bsd-sockets/socket/promises', { paths: [process.argv[2]!] }),
      ) as typeof import('@bsd-sockets/socket/promises');
      const { setTimeout } = require('node:timers/promises') as typeof import('node:timers/promises');
      const socket = new Socket(p.AF_PACKET, require('@bsd-sockets/socket').SOCK_RAW, 0);
      const ring = new p.AsyncPacketRing(socket, { blockSize: 65_536 });
      socket.bind(['v1', 0x88b5]);
      const sender = listen('v0');
      const block = new p.PacketBlock(Buffer.alloc(ring.blockSize));
      const seen: unknown[] = [];
      const late = ring.recvInto(block);
      await setTimeout(50);
      seen.push(block.count);
      sender.send(frame('late'));
      seen.push(await late, block.data(0).toString('latin1', 14));
      const name = (error: Error) => (error as NodeJS.ErrnoException).code ?? error.name;
      const errors = [
        await ring.recvInto(block, { signal: AbortSignal.timeout(30) }).then(() => 'none', name),
        await ring.recvInto(5 as never).then(() => 'none', name),
      ];
      const left = ring.recvInto(block).then(() => 'none', name);
      structuredClone(block.buffer.buffer, { transfer: [block.buffer.buffer as ArrayBuffer] });
      sender.send(frame('stays in the ring'));
      errors.push(await left);
      const other = new p.PacketBlock(Buffer.alloc(ring.blockSize));
      seen.push(await ring.recvInto(other), other.data(0).toString('latin1', 14));
      const ended = ring.recvInto(other).then(() => 'none', name);
      ring.close();
      errors.push(await ended, await ring.recvInto(other).then(() => 'none', name));
      // The socket is open still, and receives nothing: nobody waits for it.
      errors.push(await ring.recv().then(() => 'none', name));
      seen.push(other.data(0).toString('latin1', 14));
      socket.close();
      return [seen, errors] as const;
    });
    expect(seen).toEqual([0, 1, 'late', 1, 'stays in the ring', 'stays in the ring']);
    expect(errors).toEqual([
      'ABORT_ERR',
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_ARG_VALUE',
      'ECANCELED',
      'EBADF',
      'EBADF',
    ]);
  });

  test('of the promise face leaves the event loop free, and heeds timeouts, signals and the end', async () => {
    const [frames, ticks, errors] = inNamespace(async ({ p, listen, frame, require }) => {
      const { Socket } = require(
        require.resolve('@bsd-sockets/socket/promises', { paths: [process.argv[2]!] }),
      ) as typeof import('@bsd-sockets/socket/promises');
      const { setTimeout } = require('node:timers/promises') as typeof import('node:timers/promises');
      const socket = new Socket(p.AF_PACKET, require('@bsd-sockets/socket').SOCK_RAW, 0);
      const ring = new p.AsyncPacketRing(socket);
      socket.bind(['v1', 0x88b5]);
      const sender = listen('v0');
      let ticks = 0;
      const clock = setInterval(() => ticks++, 5);
      const sending = (async () => {
        for (let count = 0; count < 3; count++) {
          await setTimeout(50);
          sender.send(frame(`${count}`));
        }
      })();
      const frames: string[] = [];
      for await (const { data } of ring) {
        frames.push(data.toString('latin1', 14));
        if (frames.length === 3) break;
      }
      await sending;
      clearInterval(clock);
      const name = (error: Error) => error.name;
      const errors = [await ring.recv({ signal: AbortSignal.timeout(30) }).then(() => 'none', name)];
      socket.settimeout(0.03);
      errors.push(await ring.recv().then(() => 'none', name));
      socket.settimeout(null);
      const code = (error: Error) => (error as NodeJS.ErrnoException).code;
      const left = ring.recv().then(() => 'none', code);
      const ending = ring[Symbol.asyncIterator]().next();
      ring.close();
      errors.push((await left)!, `${(await ending).done}`);
      const again = new p.AsyncPacketRing(socket);
      const pending = again.recv().then(() => 'none', name);
      socket.close();
      errors.push(await pending);
      again.close();
      errors.push(await ring.recv().then(() => 'none', name));
      return [frames, ticks, errors] as const;
    });
    expect(frames).toEqual(['0', '1', '2']);
    expect(ticks).toBeGreaterThan(3);
    expect(errors).toEqual(['AbortError', 'TimeoutError', 'ECANCELED', 'true', 'OSError', 'OSError']);
  });

  test('tells of an interface that goes down, and goes on when it is up again', () => {
    const said = inNamespace(({ p, listen, frame, require }) => {
      const { execFileSync } = require('node:child_process') as typeof import('node:child_process');
      const socket = listen('v1');
      const ring = new p.PacketRing(socket);
      execFileSync('ip', ['link', 'set', 'v1', 'down']);
      let code = '';
      try {
        ring.recv();
      } catch (error) {
        code = (error as NodeJS.ErrnoException).code!;
      }
      execFileSync('ip', ['link', 'set', 'v1', 'up']);
      // The other end learns of it later, and drops what it sends until then.
      while (!execFileSync('ip', ['link', 'show', 'v0'], { encoding: 'utf8' }).includes('state UP'));
      listen('v0').send(frame('up'));
      return [code, ring.recv().map(({ data }) => data.toString('latin1', 14))];
    });
    expect(said).toEqual(['ENETDOWN', ['up']]);
  });

  test('that nobody closed is unmapped when it is collected, and its frames stay', () => {
    const [before, during, after, text] = inNamespace(
      async ({ p, listen, frame, require }) => {
        const { readFileSync } = require('node:fs') as typeof import('node:fs');
        const { setTimeout } = require('node:timers/promises') as typeof import('node:timers/promises');
        const maps = () =>
          readFileSync('/proc/self/maps', 'utf8')
            .split('\n')
            .filter((line) => line.includes('socket:[')).length;
        const before = maps();
        const frames = (() => {
          const socket = listen('v1');
          const ring = new p.PacketRing(socket);
          listen('v0').send(frame('kept'));
          return ring.recv();
        })();
        const during = maps();
        for (let look = 0; look < 100 && maps() > before; look++) {
          globalThis.gc!();
          await setTimeout(10);
        }
        return [before, during, maps(), frames[0]!.data.toString('latin1', 14)];
      },
      ['--expose-gc'],
    );
    expect([before, during, after, text]).toEqual([0, 1, 0, 'kept']);
  });

  test('in a worker ends with it', () => {
    const [during, after] = inNamespace(async ({ require }) => {
      const { readFileSync } = require('node:fs') as typeof import('node:fs');
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      const maps = () =>
        readFileSync('/proc/self/maps', 'utf8')
          .split('\n')
          .filter((line) => line.includes('socket:[')).length;
      const source = `
        const [s, p] = process.argv.slice(2).map(require);
        const socket = new s.Socket(p.AF_PACKET, s.SOCK_RAW, 0);
        socket.bind(['v1', p.ETH_P_ALL]);
        const ring = new p.PacketRing(socket);
        require('node:worker_threads').parentPort.postMessage('waits');
        ring.recv();`;
      const worker = new Worker(source, { eval: true, argv: process.argv.slice(2) });
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      const during = maps();
      await worker.terminate();
      return [during, maps()];
    });
    expect([during, after]).toEqual([1, 0]);
  });

  test('refuses what is no size', () => {
    const codes = inNamespace(({ s, p }) => {
      const socket = new s.Socket(p.AF_PACKET, s.SOCK_RAW, 0);
      const given = [
        5,
        { blockSize: 0 },
        { blockSize: 1000 },
        { blockSize: '1' },
        { blockCount: 0 },
        { blockCount: 2 ** 32 - 1 },
        { retireTimeout: 0 },
        { retireTimeout: Number.NaN },
        { retireTimeout: '1' },
        { rxhash: 1 },
      ];
      return given.map((options) => {
        try {
          new p.PacketRing(socket, options as never);
          return 'taken';
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      });
    });
    expect(codes).toEqual([
      'ERR_INVALID_ARG_TYPE',
      'ERR_OUT_OF_RANGE',
      'EINVAL',
      'ERR_INVALID_ARG_TYPE',
      'ERR_OUT_OF_RANGE',
      'ENOMEM',
      'ERR_OUT_OF_RANGE',
      'ERR_OUT_OF_RANGE',
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_ARG_TYPE',
    ]);
  });
});
