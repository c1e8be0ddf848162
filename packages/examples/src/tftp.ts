// Serves the files of a folder by TFTP (RFC 1350), or gets or puts one. Each transfer has a socket of its own.
// usage: tftp.js serve FOLDER [PORT [HOST]]            until it is ended
//        tftp.js get HOST PORT NAME FILE
//        tftp.js put HOST PORT NAME FILE
import { open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AF_INET, type InetAddress, SOCK_DGRAM, Socket, TimeoutError } from '@bsd-sockets/socket/promises';

const Op = { read: 1, write: 2, data: 3, ack: 4, error: 5 } as const;
const BLOCK = 512; // bytes; a shorter one is the last
const TIMEOUT = 1; // seconds, after which a packet is sent again
const TRIES = 5;

const uint16 = (value: number) => Buffer.of(value >> 8, value & 0xff);
const request = (op: number, name: string) => Buffer.concat([uint16(op), Buffer.from(`${name}\0octet\0`)]);
const data = (block: number, bytes: Buffer) => Buffer.concat([uint16(Op.data), uint16(block), bytes]);
const ack = (block: number) => Buffer.concat([uint16(Op.ack), uint16(block)]);
const failure = (code: number, text: string) =>
  Buffer.concat([uint16(Op.error), uint16(code), Buffer.from(`${text}\0`)]);

/** One transfer with a peer: the port that answers first is the peer's. */
class Transfer {
  private readonly socket: Socket<typeof AF_INET>;
  private peer: InetAddress;
  private isKnown: boolean;

  constructor(socket: Socket<typeof AF_INET>, peer: InetAddress, isKnown: boolean) {
    this.socket = socket;
    this.peer = peer;
    this.isKnown = isKnown;
    socket.settimeout(TIMEOUT);
  }

  send(packet: Buffer): Promise<number> {
    return this.socket.sendto(packet, this.peer);
  }

  /** Sends a packet, again and again, until the peer answers with a block's number. */
  async exchange(packet: Buffer, op: number, block: number): Promise<Buffer> {
    for (let tries = 0; tries < TRIES; tries++) {
      await this.send(packet);
      try {
        for (;;) {
          const [answer, address] = await this.socket.recvfrom(4 + BLOCK);
          if (!address || (this.isKnown && `${address}` !== `${this.peer}`)) continue;
          if (answer.length < 4) continue;
          if (answer.readUInt16BE() === Op.error) throw new Error(answer.toString('utf8', 4).replace(/\0.*/s, ''));
          if (answer.readUInt16BE() !== op || answer.readUInt16BE(2) !== (block & 0xffff)) continue;
          [this.peer, this.isKnown] = [address, true];
          return answer.subarray(4);
        }
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
    }
    throw new Error('the peer does not answer');
  }

  /** Receives a file whose first block is the answer to a packet. */
  async receive(path: string, first: Buffer): Promise<void> {
    const part = `${path}.part`;
    const file = await open(part, 'w');
    try {
      let packet = first;
      for (let block = 1; ; block++) {
        const bytes = await this.exchange(packet, Op.data, block);
        await file.write(bytes);
        packet = ack(block & 0xffff);
        if (bytes.length < BLOCK) break;
      }
      await this.send(packet);
      await rename(part, path);
    } finally {
      await file.close();
      await rm(part, { force: true });
    }
  }

  /** Sends a file; the peer is ready for it. */
  async transmit(path: string): Promise<void> {
    const file = await open(path);
    try {
      const buffer = Buffer.alloc(BLOCK);
      for (let block = 1; ; block++) {
        const { bytesRead } = await file.read(buffer, 0, BLOCK);
        await this.exchange(data(block & 0xffff, buffer.subarray(0, bytesRead)), Op.ack, block);
        if (bytesRead < BLOCK) break;
      }
    } finally {
      await file.close();
    }
  }
}

async function answer(folder: string, host: string, packet: Buffer, client: InetAddress): Promise<void> {
  using socket = new Socket(AF_INET, SOCK_DGRAM);
  socket.bind([host, 0]);
  const transfer = new Transfer(socket, client, true);
  const op = packet.readUInt16BE();
  const [name = '', mode = ''] = packet.toString('utf8', 2).split('\0');
  const path = join(folder, basename(name)); // nothing outside of the folder
  try {
    if (mode.toLowerCase() !== 'octet') await transfer.send(failure(0, 'octet is the only mode'));
    else if (op === Op.read) await transfer.transmit(path);
    else if (op === Op.write) await transfer.receive(path, ack(0));
    else await transfer.send(failure(4, 'not a request'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    await transfer.send(code === 'ENOENT' ? failure(1, 'File not found') : failure(0, message));
  }
}

async function serve(folder: string, port: number, host: string): Promise<void> {
  const socket = new Socket(AF_INET, SOCK_DGRAM);
  socket.bind([host, port]);
  console.log('Listening at', socket.getsockname());
  for await (const [packet, client] of socket.datagrams({ bufsize: 600 })) {
    if (packet.length >= 4) answer(folder, host, packet, client).catch(console.error);
  }
}

const [, , mode, first = '.', second = '69', third = '127.0.0.1', path = ''] = process.argv;
if (mode === 'serve') {
  await serve(first, Number(second), third);
} else {
  using socket = new Socket(AF_INET, SOCK_DGRAM);
  const transfer = new Transfer(socket, [first, Number(second)], false);
  if (mode === 'get') {
    await transfer.receive(path, request(Op.read, third));
  } else {
    await transfer.exchange(request(Op.write, third), Op.ack, 0);
    await transfer.transmit(path);
  }
  console.log(mode === 'get' ? 'Got' : 'Put', third);
}
