import { AF_UNIX, BlockingIOError, createServer, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { pair } from './platform';

/** Calls until it would block. */
export function fill(call: () => unknown): void {
  try {
    for (;;) call();
  } catch (error) {
    if (!(error instanceof BlockingIOError)) throw error;
  }
}

/** Something that is full, and what to close with it. */
export class Full<Address> implements Disposable {
  constructor(
    /** The socket whose queue it is. */
    readonly socket: Socket<any>,
    readonly address: Address,
    private readonly others: Socket<any>[],
  ) {}

  /** The other end. */
  get peer(): Socket<any> {
    return this.others[0]!;
  }

  [Symbol.dispose](): void {
    for (const other of [this.socket, ...this.others]) other.close();
  }
}

/** A unix socket that listens and takes no further connection. */
export function fullUnixBacklog(): Full<Buffer> {
  const listener = new Socket(AF_UNIX);
  listener.bind('');
  listener.listen(0);
  const address = listener.getsockname() as Buffer;
  const others: Socket<any>[] = [];
  fill(() => {
    const client = new Socket(AF_UNIX);
    others.push(client);
    client.setblocking(false);
    client.connect(address);
  });
  return new Full(listener, address, others);
}

/** A TCP server that lets every further connection wait: the kernel drops its SYN. */
export function fullTcpBacklog(): Full<[string, number]> {
  const listener = createServer(['127.0.0.1', 0], { backlog: 0 });
  const address = listener.getsockname();
  const others: Socket<any>[] = [];
  for (;;) {
    const client = new Socket();
    others.push(client);
    client.settimeout(0.2);
    if (client.connectEx(address) !== 0) return new Full(listener, address, others);
  }
}

/** A stream whose reader reads nothing: it takes no further byte. */
export function fullStream(): Full<undefined> {
  const [writer, reader] = pair();
  writer.setblocking(false);
  fill(() => writer.send(Buffer.alloc(65_536)));
  writer.setblocking(true);
  return new Full(writer, undefined, [reader]);
}

/** A datagram socket whose peer's queue is full. */
export function fullDatagrams(): Full<Buffer> {
  const receiver = new Socket(AF_UNIX, SOCK_DGRAM);
  receiver.bind('');
  const address = receiver.getsockname() as Buffer;
  const sender = new Socket(AF_UNIX, SOCK_DGRAM);
  sender.setblocking(false);
  fill(() => sender.sendto(Buffer.from('x'), address));
  sender.setblocking(true);
  return new Full<Buffer>(sender, address, [receiver]);
}
