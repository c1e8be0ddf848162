import {
  type Abortable,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NLM_F_DUMP,
  type OSError,
  optionsOf,
  rejecting,
  signalOf,
} from '@bsd-sockets/core-native';
import type { BaseSocket } from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';
import { BaseNetlink, CONTROL_SIZE } from '../base-connection';
import type { NetlinkBatch } from '../batch';
import { Dump, type DumpOptions, restartsOf } from '../dump';
import type { Conversation } from '../exchange';
import type { AF_NETLINK } from '../family';
import { open } from '../open';
import type { NetlinkEvents, NetlinkRequest } from '../request';
import type { Subscription } from '../subscription';
import { abortable, SharedReceive } from './shared-receive';

const DUMP_KEYS = { restarts: true, signal: true };

/**
 * A conversation with one subsystem of the kernel, for the event loop. Requests are made one after the other, in the order
 * of the calls; any number of watches may go on meanwhile.
 *
 * Source: netlink(7)
 */
export class Netlink extends BaseNetlink<Socket<typeof AF_NETLINK>> {
  private readonly receiving = new SharedReceive((signal) => this.receive(signal));
  /** Fulfilled when the last request so far is over. */
  private turn: Promise<void> = Promise.resolve();

  /**
   * Opens a socket of the family AF_NETLINK and binds it, or takes one over.
   *
   * @param protocol - Such as NETLINK_ROUTE; or a socket of either face, which is closed by it: the descriptor stays.
   * @throws OSError, such as EAFNOSUPPORT; TypeError (`ERR_INVALID_ARG_TYPE`) for a protocol that is no number, as a
   *   constant is that the platform does not have.
   *
   * Source: netlink(7)
   */
  constructor(protocol: number | BaseSocket<typeof AF_NETLINK>) {
    super(Socket.from(open(protocol)));
  }

  /**
   * Asks for one thing, or has one thing done, until the kernel acknowledges it.
   *
   * @param request - Such as `setLink('eth0', { up: true })` or `getFamily('nlctrl')`; or several in one datagram, which
   *   `batch` and `nfnetlinkBatch` put together.
   * @param options - `signal`: ends the wait; what was asked for may be done even so.
   * @returns What the kernel answered before its acknowledgement: nothing, as a rule, where something is changed.
   * @throws {@link NetlinkError}, such as EPERM, with the kernel's words; of a batch {@link BatchError}; OSError: ENOBUFS if answers were lost, EBADMSG
   *   for an answer that cannot be; TimeoutError; AbortError; RangeError (`ERR_INVALID_ARG_VALUE`) for a request of
   *   another protocol.
   *
   * Source: netlink(7)
   */
  execute<Reply>(request: NetlinkRequest<Reply> | NetlinkBatch<Reply>, options?: Abortable): Promise<Reply[]> {
    return rejecting(() => this.executed(request, signalOf(options)));
  }

  private async executed<Reply>(
    request: NetlinkRequest<Reply> | NetlinkBatch<Reply>,
    signal: AbortSignal | undefined,
  ): Promise<Reply[]> {
    const replies: unknown[] = [];
    for (const executed of this.conversations(request)) {
      await this.converse(executed.conversation, signal);
      replies.push(...executed.replies());
    }
    return replies as Reply[];
  }

  /**
   * Asks for a list, until all of it has come: the kernel's tables change less in so short a time.
   *
   * @param request - Such as `getLinks()`.
   * @param options - `restarts`: how often a list that was interrupted is begun again; `signal`: ends the wait.
   * @returns An iterable of the records, and whether the list was interrupted.
   * @throws As {@link execute}.
   *
   * Source: netlink(7)
   */
  dump<Reply>(request: NetlinkRequest<Reply>, options?: DumpOptions & Abortable): Promise<Dump<Reply>> {
    return rejecting(() => {
      const { signal, ...rest } = optionsOf(options, DUMP_KEYS);
      return this.dumped(request, restartsOf(rest), signalOf({ signal }));
    });
  }

  private async dumped<Reply>(
    request: NetlinkRequest<Reply>,
    restarts: number,
    signal: AbortSignal | undefined,
  ): Promise<Dump<Reply>> {
    for (let count = 0; ; count++) {
      const exchange = this.begin(request, NLM_F_DUMP);
      const { replies, interrupted } = await this.converse(exchange, signal);
      if (!interrupted || count === restarts) return new Dump(request, replies, interrupted);
    }
  }

  /**
   * Awaits what the kernel tells everybody. What happens from this call on is kept until it is asked for; of groups that another
   * watch has joined, also what has come before and was not received yet.
   *
   * @param events - Such as `linkEvents`; any number.
   * @returns An iterable without an end. Each step waits until something happens, or throws: TimeoutError, AbortError, and
   *   OSError with ENOBUFS if events came faster than they were taken. It can be used on after all of these.
   * @throws OSError, such as EPERM; RangeError (`ERR_INVALID_ARG_VALUE`) for events of another protocol.
   *
   * Source: netlink(7)
   */
  watch<Event>(...events: NetlinkEvents<Event>[]): NetlinkWatch<Event> {
    const subscription = this.subscribe(events);
    const ended = new AbortController();
    const end = async () => {
      this.unsubscribe(subscription);
      ended.abort();
    };
    return {
      next: (options) => rejecting(() => this.next(subscription, ended.signal, signalOf(options))),
      return: async () => {
        await end();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]: end,
    };
  }

  private async next<Event>(
    subscription: Subscription<Event>,
    ended: AbortSignal,
    signal: AbortSignal | undefined,
  ): Promise<IteratorResult<Event, void>> {
    while (!ended.aborted) {
      const event = subscription.take();
      if (event !== undefined) return { value: event, done: false };
      await this.receiving.wait(signal, ended).catch((error) => {
        if (!ended.aborted) throw error;
      });
    }
    return { value: undefined, done: true };
  }

  private async converse<C extends Conversation>(conversation: C, signal: AbortSignal | undefined): Promise<C> {
    const before = this.turn;
    let end!: () => void;
    this.turn = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await abortable(before, signal);
      for (const request of this.steps(conversation)) {
        if (request) await this.socket.send(request, 0, { signal });
        else await this.receiving.wait(signal);
      }
      return conversation;
    } finally {
      // One that was given up while it waited does not let others go before their time.
      before.then(end);
    }
  }

  /** Receives one datagram; where some were lost, all that are there before it throws. */
  private async receive(signal: AbortSignal): Promise<void> {
    for (let lost: OSError | undefined; ; ) {
      try {
        const flags = lost ? MSG_TRUNC | MSG_DONTWAIT : MSG_TRUNC;
        this.dispatch(await this.socket.recvmsgInto([this.room()], CONTROL_SIZE, flags, { signal }));
        if (!lost) return;
      } catch (error) {
        const loss = this.lossIn(error);
        if (!loss) throw lost ?? error;
        lost = loss;
      }
    }
  }
}

/** The events of a watch, until it is given up. */
export interface NetlinkWatch<Event> extends AsyncIterableIterator<Event, void>, AsyncDisposable {
  /**
   * The next event.
   *
   * @param options - `signal`: ends the wait; the watch goes on.
   */
  next(options?: Abortable): Promise<IteratorResult<Event, void>>;
}
