// Passes an open file from one process to another through the D-Bus daemon. The one that reads it needs no right to open
// it, and nothing is copied on the way.
// usage: dbus-descriptor.js serve NAME         owns NAME at the bus, reads the files that it is passed, and tells their sums
//        dbus-descriptor.js send NAME FILE     passes FILE to the owner of NAME
// The bus is that of DBUS_SESSION_BUS_ADDRESS. Source: the D-Bus specification
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync } from 'node:fs';
import { AF_UNIX, recvFds, Socket, sendFds } from '@bsd-sockets/socket/promises';

const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const NO_REPLY_EXPECTED = 1;
const MOST_FDS = 253; // that Linux passes at once

/** The fields of a header: number and type. */
const FIELDS = {
  path: [1, 'o'],
  interface: [2, 's'],
  member: [3, 's'],
  errorName: [4, 's'],
  replySerial: [5, 'u'],
  destination: [6, 's'],
  sender: [7, 's'],
  signature: [8, 'g'],
  unixFds: [9, 'u'],
} as const;

type Value = string | number;
type Fields = {
  [Name in keyof typeof FIELDS]?: (typeof FIELDS)[Name][1] extends 'u' ? number | undefined : string | undefined;
};

interface Message {
  type: number;
  flags: number;
  serial: number;
  fields: Fields;
  body: Reader;
  /** What the numbers of type `h` in the body count; the receiver's to close. */
  fds: number[];
}

/** Values as D-Bus has them on the wire: each at a multiple of its size. */
class Writer {
  bytes = Buffer.alloc(0);

  align(size: number): this {
    return this.append(Buffer.alloc(-this.bytes.length & (size - 1)));
  }

  append(...parts: Uint8Array[]): this {
    this.bytes = Buffer.concat([this.bytes, ...parts]);
    return this;
  }

  uint32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.align(4).append(bytes);
  }

  write(signature: string, values: Value[]): this {
    for (const [index, type] of [...signature].entries()) {
      const text = Buffer.from(`${values[index]}\0`);
      if (type === 'g') this.append(Buffer.of(text.length - 1), text);
      else if ('so'.includes(type)) this.uint32(text.length - 1).append(text);
      else if ('uh'.includes(type)) this.uint32(Number(values[index]));
      else throw new RangeError(`values of the type ${type} are more than this program knows`);
    }
    return this;
  }
}

/** The way back, in the byte order of the message. */
class Reader {
  offset = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly littleEndian: boolean,
  ) {}

  align(size: number): void {
    this.offset += -this.offset & (size - 1);
  }

  byte(): number {
    return this.bytes.readUInt8(this.offset++);
  }

  uint32(): number {
    this.align(4);
    const value = this.littleEndian ? this.bytes.readUInt32LE(this.offset) : this.bytes.readUInt32BE(this.offset);
    this.offset += 4;
    return value;
  }

  read(signature: string): Value[] {
    return Array.from(signature, (type) => {
      if ('uh'.includes(type)) return this.uint32();
      if (!'sog'.includes(type)) throw new RangeError(`values of the type ${type} are more than this program knows`);
      const length = type === 'g' ? this.byte() : this.uint32();
      const text = this.bytes.toString('utf8', this.offset, this.offset + length);
      this.offset += length + 1;
      return text;
    });
  }

  fields(): Fields {
    const fields: Record<string, Value> = {};
    const length = this.uint32();
    for (const end = this.offset + length; this.offset < end; ) {
      this.align(8);
      const number = this.byte();
      const [type] = this.read('g') as [string];
      const [value] = this.read(type);
      const name = Object.entries(FIELDS).find(([, [known]]) => known === number)?.[0];
      if (name) fields[name] = value!;
    }
    return fields;
  }
}

class Bus {
  private bytes = Buffer.alloc(0);
  private fds: number[] = [];
  private serial = 0;

  private constructor(private readonly socket: Socket<typeof AF_UNIX>) {}

  /** Connects to a bus, such as `unix:path=/run/user/1000/bus`, and says hello. */
  static async connect(address: string): Promise<Bus> {
    const [, kind, encoded] = /unix:(path|abstract)=([^,;]+)/.exec(address) ?? [];
    if (!encoded) throw new RangeError(`no address of a unix socket: ${address}`);
    const bus = new Bus(new Socket(AF_UNIX));
    await bus.socket.connect(`${kind === 'abstract' ? '\0' : ''}${decodeURIComponent(encoded)}`);
    await bus.authenticate();
    await bus.callBus('Hello');
    return bus;
  }

  close(): void {
    this.socket.close();
    for (const fd of this.fds) closeSync(fd);
  }

  private async authenticate(): Promise<void> {
    const id = Buffer.from(`${process.getuid!()}`).toString('hex'); // the kernel vouches for it
    await this.expect(`\0AUTH EXTERNAL ${id}\r\n`, 'OK ');
    await this.expect('NEGOTIATE_UNIX_FD\r\n', 'AGREE_UNIX_FD');
    await this.socket.sendall(Buffer.from('BEGIN\r\n'));
  }

  private async expect(command: string, answer: string): Promise<void> {
    await this.socket.sendall(Buffer.from(command));
    while (!this.bytes.includes('\r\n')) await this.receiveMore();
    const line = this.take(this.bytes.indexOf('\r\n') + 2).toString();
    if (!line.startsWith(answer)) throw new Error(`the bus answers ${line.trim()}`);
  }

  private async receiveMore(): Promise<void> {
    const [data, fds] = await recvFds(this.socket, 65536, MOST_FDS);
    if (data.length === 0) throw new Error('the bus has closed the connection');
    this.bytes = Buffer.concat([this.bytes, data]);
    this.fds.push(...fds);
  }

  private take(length: number): Buffer {
    const taken = this.bytes.subarray(0, length);
    this.bytes = this.bytes.subarray(length);
    return taken;
  }

  /** Sends a message, and returns its number. */
  async send(type: number, fields: Fields, values: Value[] = [], fds: number[] = []): Promise<number> {
    const body = new Writer().write(fields.signature ?? '', values).bytes;
    const all = { ...fields, unixFds: fds.length || undefined };
    const header = new Writer();
    for (const [name, [number, type]] of Object.entries(FIELDS)) {
      const value = all[name as keyof Fields];
      if (value !== undefined)
        header
          .align(8)
          .append(Buffer.of(number, 1), Buffer.from(`${type}\0`))
          .write(type, [value]);
    }
    const serial = ++this.serial;
    const start = new Writer().append(Buffer.from('l'), Buffer.of(type, 0, 1));
    start.uint32(body.length).uint32(serial).uint32(header.bytes.length);
    const message = start.append(header.bytes).align(8).append(body).bytes;
    // Descriptors travel with the first bytes.
    const sent = fds.length > 0 ? await sendFds(this.socket, [message], fds) : 0;
    await this.socket.sendall(message.subarray(sent));
    return serial;
  }

  async receive(): Promise<Message> {
    while (this.bytes.length < 16) await this.receiveMore();
    const littleEndian = this.bytes.toString('latin1', 0, 1) === 'l';
    const start = new Reader(this.bytes, littleEndian);
    start.offset = 4;
    const [bodyLength, serial, fieldsLength] = [start.uint32(), start.uint32(), start.uint32()];
    const headerLength = (16 + fieldsLength + 7) & ~7;
    while (this.bytes.length < headerLength + bodyLength) await this.receiveMore();
    const header = new Reader(this.take(headerLength), littleEndian);
    const body = new Reader(this.take(bodyLength), littleEndian);
    header.offset = 1;
    const [type, flags] = [header.byte(), header.byte()];
    header.offset = 12;
    const fields = header.fields();
    return { type, flags, serial, fields, body, fds: this.fds.splice(0, fields.unixFds ?? 0) };
  }

  /** Calls a method, and returns what it returns. Other messages that come meanwhile are dropped. */
  async call(fields: Fields, values: Value[] = [], fds: number[] = []): Promise<Value[]> {
    const serial = await this.send(METHOD_CALL, fields, values, fds);
    for (;;) {
      const { type, fields: answer, body, fds: unwanted } = await this.receive();
      for (const fd of unwanted) closeSync(fd);
      if (answer.replySerial !== serial) continue;
      const results = body.read(answer.signature ?? '');
      if (type === ERROR) throw new Error(`${answer.errorName}: ${results.join(' ')}`);
      return results;
    }
  }

  /** Calls a method of the daemon itself. */
  callBus(member: string, signature?: string, values?: Value[]): Promise<Value[]> {
    const name = 'org.freedesktop.DBus';
    return this.call({ destination: name, path: '/org/freedesktop/DBus', interface: name, member, signature }, values);
  }
}

const INTERFACE = 'org.example.Files';
const PATH = '/org/example/Files';

/** Reads a file from where it stands, and closes it. */
async function sumOf(fd: number): Promise<[size: number, sum: string]> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream('', { fd })) {
    hash.update(chunk);
    size += chunk.length;
  }
  return [size, hash.digest('hex')];
}

async function answer(bus: Bus, message: Message): Promise<void> {
  const { fields, fds, flags, serial } = message;
  const reply: Fields = { destination: fields.sender, replySerial: serial };
  const refuse = (error: string, reason: string) =>
    bus.send(ERROR, { ...reply, errorName: `org.freedesktop.DBus.Error.${error}`, signature: 's' }, [reason]);
  try {
    if (fields.interface !== INTERFACE || fields.member !== 'Sum' || fields.signature !== 'h') {
      await refuse('UnknownMethod', 'there is only Sum(h)');
      return;
    }
    const [index] = message.body.read('h') as [number];
    const [fd] = fds.splice(index, 1);
    if (fd === undefined) {
      await refuse('InvalidArgs', 'a number without its descriptor');
      return;
    }
    const [size, sum] = await sumOf(fd);
    console.log(`Read ${size} bytes for ${fields.sender}`);
    if (!(flags & NO_REPLY_EXPECTED)) await bus.send(METHOD_RETURN, { ...reply, signature: 'us' }, [size, sum]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'read') throw error;
    await refuse('IOError', (error as Error).message);
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

const [role, name, file] = process.argv.slice(2) as [role: string, name: string, file?: string];
const bus = await Bus.connect(process.env.DBUS_SESSION_BUS_ADDRESS ?? '');
if (role === 'serve') {
  const DO_NOT_QUEUE = 4;
  const [result] = await bus.callBus('RequestName', 'su', [name, DO_NOT_QUEUE]);
  if (result !== 1) throw new Error(`somebody else owns ${name}`);
  console.log('Serving as', name);
  for (;;) {
    const message = await bus.receive();
    if (message.type === METHOD_CALL) await answer(bus, message);
    else for (const fd of message.fds) closeSync(fd);
  }
} else {
  const fd = openSync(file!, 'r');
  const call = { destination: name, path: PATH, interface: INTERFACE, member: 'Sum', signature: 'h' };
  const [size, sum] = await bus.call(call, [0], [fd]); // 0: the first of the descriptors
  closeSync(fd);
  console.log(`${size} bytes, ${sum}`);
  bus.close();
}
