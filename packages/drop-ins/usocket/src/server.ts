import { EventEmitter } from 'node:events';
import { isOptions, wrongType } from '@bsd-sockets/core-native';
import { AF_UNIX, createServer } from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';
import { USocket } from './socket';

/** As many connections as Node lets wait, where the kernel's own limit is not lower. */
const BACKLOG = 511;

/** Where a server listens. */
export interface UServerOptions {
  /** The path of the socket, or its abstract name with a leading NUL. */
  path: string;
  /** How many connections may wait. */
  backlog?: number;
}

/** What the listeners of each event are called with. */
export interface UServerEvents {
  connection: [socket: USocket];
  listening: [];
  error: [error: Error];
}

/** A server of unix sockets, whose connections are {@link USocket}s. */
export class UServer extends EventEmitter<UServerEvents> {
  private socket: Socket<typeof AF_UNIX> | undefined;
  private accepting: AbortController | undefined;
  private paused = false;

  /** The descriptor; undefined while the server does not listen. */
  get fd(): number | undefined {
    return this.socket?.fileno();
  }

  /** Whether the server listens. */
  get listening(): boolean {
    return this.socket !== undefined;
  }

  /**
   * Listens. Emits `listening`, or `error` if that fails.
   *
   * @param path - The path, or `path` and `backlog`.
   * @param args - The backlog, and a callback for the event `listening`; both may be left out.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) without a path; Error (`ERR_SERVER_ALREADY_LISTEN`) before it is closed.
   *
   * Source: the README of usocket 1.1.0
   */
  listen(path: string | UServerOptions, ...args: unknown[]): void {
    if (this.listening) throw Object.assign(new Error('it listens already'), { code: 'ERR_SERVER_ALREADY_LISTEN' });
    const options = isOptions(path) ? path : { path, backlog: typeof args[0] === 'number' ? args[0] : undefined };
    if (typeof options.path !== 'string') throw wrongType('path', 'the path of a socket', options.path);
    const callback = args.at(-1);
    if (typeof callback === 'function') this.once('listening', callback as () => void);
    try {
      this.socket = Socket.from(createServer(options.path, { family: AF_UNIX, backlog: options.backlog ?? BACKLOG }));
    } catch (error) {
      process.nextTick(() => this.emit('error', error as Error));
      return;
    }
    process.nextTick(() => {
      if (this.socket === undefined) return;
      this.emit('listening');
      this.accept();
    });
  }

  /** Accepts no connections until {@link resume}: they wait. */
  pause(): void {
    this.paused = true;
    this.accepting?.abort();
    this.accepting = undefined;
  }

  /** Accepts connections again. */
  resume(): void {
    this.paused = false;
    this.accept();
  }

  /** Stops listening. The connections stay open. */
  close(): void {
    this.accepting?.abort();
    this.accepting = undefined;
    this.socket?.close();
    this.socket = undefined;
  }

  private async accept(): Promise<void> {
    if (this.socket === undefined || this.paused || this.accepting !== undefined) return;
    const accepting = new AbortController();
    this.accepting = accepting;
    try {
      for await (const [connection] of this.socket.connections({ signal: accepting.signal })) {
        const socket = new USocket({ fd: connection.detach() });
        // Out of the promise: what a listener throws is an exception.
        process.nextTick(() => this.emit('connection', socket));
      }
    } catch (error) {
      if (!accepting.signal.aborted) process.nextTick(() => this.emit('error', error as Error));
    }
    if (this.accepting === accepting) this.accepting = undefined;
  }
}
