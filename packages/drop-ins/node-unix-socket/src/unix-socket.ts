import { EventEmitter } from 'node:events';
import { native, OSError } from '@bsd-sockets/core-native';
import { AF_UNIX, Socket as Calls } from '@bsd-sockets/socket';
import { Socket as Waits } from '@bsd-sockets/socket/promises';

/** Those that are open. Were one collected before, both its objects would close its descriptor. */
const open = new Set<UnixSocket>();

/** What all sockets here have: it emits `error` and `close`. */
export abstract class UnixSocket extends EventEmitter {
  // Two objects of one descriptor: what is done at once, and what waits for the event loop.
  protected readonly calls: Calls<typeof AF_UNIX>;
  protected readonly waits: Waits<typeof AF_UNIX>;
  protected closed = false;

  /**
   * Opens a socket, or takes one that is open.
   *
   * @param type - SOCK_DGRAM or SOCK_SEQPACKET.
   * @param fd - The descriptor.
   * @throws An `OSError`, such as EMFILE.
   */
  constructor(type: number, fd: number | null = null) {
    super();
    this.calls = new Calls(AF_UNIX, type, 0, fd);
    this.calls.settimeout(0);
    this.waits = new Waits(AF_UNIX, type, 0, this.calls.fileno());
    open.add(this);
  }

  /**
   * The own path.
   *
   * @returns The path or abstract name; empty if it has none.
   *
   * Source: getsockname(2)
   */
  address(): string {
    return this.calls.getsockname().toString();
  }

  /** Lets it keep the process alive, as it does from the beginning. */
  ref(): void {
    this.waits.ref();
  }

  /** Lets the process end although it waits. */
  unref(): void {
    this.waits.unref();
  }

  /** Closes the socket, and emits `close`. A second time does nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    open.delete(this);
    this.calls.detach();
    this.waits.close();
    this.tell('close');
  }

  protected checkOpen(): void {
    if (this.closed) throw new OSError(native.errnos.EBADF as number, { hint: 'the socket is closed' });
  }

  /** Emits an event where no code of ours runs: what a listener throws is an exception. */
  protected tell(event: string, ...args: unknown[]): void {
    process.nextTick(() => this.emit(event, ...args));
  }
}
