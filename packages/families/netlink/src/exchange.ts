import {
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
  native,
  osError,
} from '@bsd-sockets/core-native';
import { decodeOutcome, type NetlinkError, netlinkError, type Outcome } from './extended-ack';
import type { NetlinkMessage } from './message';

/** What goes out in one datagram, and how its answers come in: the connection sends the bytes and hands in what comes. */
export interface Conversation {
  /** The bytes of the datagram. */
  readonly request: Buffer;
  /** Whether it asks for a list, whose end always comes; a single acknowledgement may be lost. */
  readonly isDump: boolean;
  /** Whether the last answer has come. */
  readonly done: boolean;
  /** Takes a message in. One that belongs to an earlier request is passed over. */
  receive(message: NetlinkMessage): void;
  /** Throws the error of a refused request. */
  check(): void;
}

/** How the answers of a request come. */
export interface ExchangeOptions {
  /** Whether it asks for a list. */
  isDump?: boolean;
  /** Whether the answer follows the acknowledgement, rather than precede it. */
  answersLater?: boolean;
}

/** A request and its answers, without the input and output. */
export class Exchange implements Conversation {
  /** The answers so far, but for those that only end the exchange. */
  readonly replies: NetlinkMessage[] = [];
  /** Whether the kernel's tables changed during the dump: NLM_F_DUMP_INTR. */
  interrupted = false;
  readonly isDump: boolean;
  private readonly answersLater: boolean;
  private hasAnswered = false;
  private outcome: Outcome | undefined;

  /**
   * @param request - The bytes of the request.
   * @param seq - Its sequence number.
   * @param pid - The port id of the socket.
   */
  constructor(
    readonly request: Buffer,
    private readonly seq: number,
    private readonly pid: number,
    { isDump = false, answersLater = false }: ExchangeOptions = {},
  ) {
    this.isDump = isDump;
    this.answersLater = answersLater;
  }

  get done(): boolean {
    if (this.outcome === undefined) return false;
    return !this.answersLater || this.hasAnswered || this.outcome.errno !== 0;
  }

  receive(message: NetlinkMessage): void {
    const { type, flags, seq, pid } = message;
    // Some of the kernel's threads, such as those of NETLINK_AUDIT, leave the port id out of their answers.
    if (this.done || seq !== this.seq || (pid !== this.pid && pid !== 0) || type === NLMSG_NOOP) return;
    if (flags & NLM_F_DUMP_INTR) this.interrupted = true;
    if (type === NLMSG_OVERRUN) {
      throw osError(-(native.errnos.ENOBUFS as number), {
        syscall: 'netlink',
        hint: 'the kernel says that data are lost',
      });
    }
    if (type === NLMSG_DONE && this.answersLater) this.hasAnswered = true;
    else if (type === NLMSG_ERROR || type === NLMSG_DONE) this.outcome = decodeOutcome(message, this.request);
    else {
      this.replies.push(message);
      if (!(flags & NLM_F_MULTI)) this.hasAnswered = true;
    }
  }

  /** The error of a refused request; undefined if it was not. */
  get error(): NetlinkError | undefined {
    return this.outcome && this.outcome.errno !== 0 ? netlinkError(this.outcome) : undefined;
  }

  check(): void {
    const { error } = this;
    if (error) throw error;
  }
}
