import {
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
  native,
  osError,
} from '@bsd-sockets/core-native';
import { decodeOutcome, netlinkError, type Outcome } from './extended-ack';
import type { NetlinkMessage } from './message';

/** A request and its answers, without the input and output: the connection sends the bytes and hands in what comes. */
export class Exchange {
  /** The answers so far, but for those that only end the exchange. */
  readonly replies: NetlinkMessage[] = [];
  /** Whether the kernel's tables changed during the dump: NLM_F_DUMP_INTR. */
  interrupted = false;
  private outcome: Outcome | undefined;

  /**
   * @param request - The bytes of the request.
   * @param seq - Its sequence number.
   * @param pid - The port id of the socket.
   * @param isDump - Whether it asks for a list, whose end always comes; a single acknowledgement may be lost.
   */
  constructor(
    readonly request: Buffer,
    private readonly seq: number,
    private readonly pid: number,
    readonly isDump: boolean,
  ) {}

  /** Whether the last answer has come. */
  get done(): boolean {
    return this.outcome !== undefined;
  }

  /** Takes a message in. One that belongs to an earlier request is passed over. */
  receive(message: NetlinkMessage): void {
    const { type, flags, seq, pid } = message;
    if (this.done || seq !== this.seq || pid !== this.pid || type === NLMSG_NOOP) return;
    if (flags & NLM_F_DUMP_INTR) this.interrupted = true;
    if (type === NLMSG_OVERRUN) {
      throw osError(-(native.errnos.ENOBUFS as number), {
        syscall: 'netlink',
        hint: 'the kernel says that data are lost',
      });
    }
    if (type === NLMSG_ERROR || type === NLMSG_DONE) this.outcome = decodeOutcome(message, this.request);
    else this.replies.push(message);
  }

  /** Throws the error of a refused request. */
  check(): void {
    if (this.outcome && this.outcome.errno !== 0) throw netlinkError(this.outcome);
  }
}
