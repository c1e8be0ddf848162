import { MSG_DONTWAIT, MSG_TRUNC, NLM_F_DUMP, type OSError, optionsOf } from '@bsd-sockets/core-native';
import type { BaseSocket, Socket } from '@bsd-sockets/socket';
import { BaseNetlink, CONTROL_SIZE } from './base-connection';
import type { NetlinkBatch } from './batch';
import { Dump, type DumpOptions, restartsOf } from './dump';
import type { Conversation } from './exchange';
import type { AF_NETLINK } from './family';
import { open } from './open';
import type { NetlinkEvents, NetlinkRequest } from './request';
import type { Subscription } from './subscription';

const DUMP_KEYS = { restarts: true };

/**
 * A conversation with one subsystem of the kernel, whose calls block their thread until the kernel has answered.
 *
 * Source: netlink(7)
 */
export class Netlink extends BaseNetlink<Socket<typeof AF_NETLINK>> {
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
    super(open(protocol));
  }

  /**
   * Asks for one thing, or has one thing done, and waits until the kernel acknowledges it.
   *
   * @param request - Such as `setLink('eth0', { up: true })` or `getFamily('nlctrl')`; or several in one datagram, which
   *   `batch` and `nfnetlinkBatch` put together.
   * @returns What the kernel answered before its acknowledgement: nothing, as a rule, where something is changed.
   * @throws {@link NetlinkError}, such as EPERM, with the kernel's words; of a batch {@link BatchError}; OSError: ENOBUFS if answers were lost, EBADMSG
   *   for an answer that cannot be; TimeoutError; RangeError (`ERR_INVALID_ARG_VALUE`) for a request of another protocol.
   *
   * Source: netlink(7)
   */
  execute<Reply>(request: NetlinkRequest<Reply> | NetlinkBatch<Reply>): Reply[] {
    const replies: unknown[] = [];
    for (const executed of this.conversations(request)) {
      this.converse(executed.conversation);
      replies.push(...executed.replies());
    }
    return replies as Reply[];
  }

  /**
   * Asks for a list, and waits until all of it has come: the kernel's tables change less in so short a time.
   *
   * @param request - Such as `getLinks()`.
   * @param options - `restarts`: how often a list that was interrupted is begun again.
   * @returns An iterable of the records, and whether the list was interrupted.
   * @throws As {@link execute}.
   *
   * Source: netlink(7)
   */
  dump<Reply>(request: NetlinkRequest<Reply>, options?: DumpOptions): Dump<Reply> {
    const restarts = restartsOf(optionsOf(options, DUMP_KEYS));
    for (let count = 0; ; count++) {
      const { replies, interrupted } = this.converse(this.begin(request, NLM_F_DUMP));
      if (!interrupted || count === restarts) return new Dump(request, replies, interrupted);
    }
  }

  /**
   * Waits for what the kernel tells everybody. What happens from this call on is kept until it is asked for; of groups that another
   * watch has joined, also what has come before and was not received yet.
   *
   * @param events - Such as `linkEvents`; any number.
   * @returns An iterable without an end. Each step blocks until something happens, or throws: TimeoutError, and OSError
   *   with ENOBUFS if events came faster than they were taken. It can be used on after both.
   * @throws OSError, such as EPERM; RangeError (`ERR_INVALID_ARG_VALUE`) for events of another protocol.
   *
   * Source: netlink(7)
   */
  watch<Event>(...events: NetlinkEvents<Event>[]): IterableIterator<Event, void> & Disposable {
    const subscription = this.subscribe(events);
    let ended = false;
    const end = () => {
      ended = true;
      this.unsubscribe(subscription);
    };
    return {
      next: () => (ended ? { value: undefined, done: true } : { value: this.next(subscription), done: false }),
      return: () => {
        end();
        return { value: undefined, done: true };
      },
      [Symbol.iterator]() {
        return this;
      },
      [Symbol.dispose]: end,
    };
  }

  private next<Event>(subscription: Subscription<Event>): Event {
    let event = subscription.take();
    while (event === undefined) {
      this.receive();
      event = subscription.take();
    }
    return event;
  }

  private converse<C extends Conversation>(conversation: C): C {
    for (const request of this.steps(conversation)) {
      if (request) this.socket.send(request);
      else this.receive();
    }
    return conversation;
  }

  /** Receives one datagram; where some were lost, all that are there before it throws. */
  private receive(): void {
    for (let lost: OSError | undefined; ; ) {
      try {
        const flags = lost ? MSG_TRUNC | MSG_DONTWAIT : MSG_TRUNC;
        this.dispatch(this.socket.recvmsgInto([this.room()], CONTROL_SIZE, flags));
        if (!lost) return;
      } catch (error) {
        const loss = this.lossIn(error);
        if (!loss) throw lost ?? error;
        lost = loss;
      }
    }
  }
}
