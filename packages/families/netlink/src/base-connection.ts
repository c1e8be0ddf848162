import {
  FastBuffer,
  integer,
  type KnownKeys,
  knownKeys,
  NETLINK_KOBJECT_UEVENT,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  native,
  OSError,
  osError,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type AncillaryData, type BaseSocket, CMSG_SPACE } from '@bsd-sockets/socket';
import { answersLater } from './audit';
import type { NetlinkBatch } from './batch';
import { BatchExchange } from './batch-exchange';
import { type Conversation, Exchange } from './exchange';
import type { AF_NETLINK, NetlinkAddress } from './family';
import { decodeMessages, encodeMessage, type NetlinkMessage } from './message';
import { netlinkOptions } from './options';
import { NetlinkNsid, NetlinkPktinfo } from './packet-info';
import { arrayOf } from './record';
import type { NetlinkEvents, NetlinkRequest } from './request';
import { Subscription } from './subscription';

/** A received datagram, as `recvmsgInto` returns it. */
export type Datagram = [size: number, ancdata: AncillaryData[], msgFlags: number, address: NetlinkAddress | undefined];

/** What `execute` asks, and what the answers are once it is done. */
interface Executed {
  conversation: Conversation;
  replies: () => unknown[];
}

/**
 * The most bytes of a message, to begin with. It is received without a look at its length beforehand: that would count as
 * a receive of a dump's message, and make the kernel go on with the dump while there is no room for more.
 */
const USUAL_SIZE = 256 * 1024;

/** Room for the control messages that may be asked for: the group, and the namespace. */
export const CONTROL_SIZE = 2 * CMSG_SPACE(4);

const REQUEST_KEYS: KnownKeys<NetlinkRequest> = {
  protocol: true,
  type: true,
  flags: true,
  data: true,
  next: true,
  decode: true,
};
const BATCH_KEYS: KnownKeys<NetlinkBatch> = { protocol: true, requests: true, begin: true, end: true };

function decodeAll(request: NetlinkRequest, replies: readonly NetlinkMessage[]): unknown[] {
  return replies.map((reply) => request.decode(reply)).filter((reply) => reply !== undefined);
}

/**
 * What the connections of both faces share: all but the input and output.
 *
 * @typeParam S - The socket of the face.
 */
export abstract class BaseNetlink<S extends BaseSocket<typeof AF_NETLINK>> {
  /** The socket underneath: for timeouts (`settimeout`) and options (SO_RCVBUF). */
  readonly socket: S;
  /** The port id: what the kernel calls this socket. */
  readonly pid: number;
  /** The exchange that is under way, or a dump that was given up before its end. */
  private conversation: Conversation | undefined;
  private memory = Buffer.alloc(0);
  private seq = 0;
  private readonly subscriptions = new Set<Subscription<any>>();

  /** @param socket - A bound socket, which belongs to the connection from now on. */
  constructor(socket: S) {
    this.socket = socket;
    this.pid = socket.getsockname()[0];
  }

  /** Closes the socket. A second time does nothing. */
  close(): void {
    this.socket.close();
  }

  /** Closes the socket at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Where a datagram is received: what it holds is taken out before the next. */
  protected room(): Buffer {
    if (this.memory.length === 0) this.memory = Buffer.allocUnsafeSlow(USUAL_SIZE);
    return this.memory;
  }

  /** What `execute` asks, one after the other. */
  protected *conversations(request: NetlinkRequest | NetlinkBatch): Generator<Executed, void, undefined> {
    if (typeof request === 'object' && request !== null && 'requests' in request) yield this.beginBatch(request);
    else for (let one: NetlinkRequest | undefined = request; one; one = one.next) yield this.beginOne(one);
  }

  private beginOne(request: NetlinkRequest): Executed {
    const conversation = this.begin(request, NLM_F_ACK);
    return { conversation, replies: () => decodeAll(request, conversation.replies) };
  }

  private beginBatch(batch: NetlinkBatch): Executed {
    this.checkProtocol('batch', batch);
    knownKeys('batch', batch, BATCH_KEYS);
    const requests = arrayOf('batch: requests', batch.requests);
    const begin = batch.begin === undefined ? undefined : this.begin(batch.begin, 0);
    // They are done in their order, and a refusal comes unasked: so many acknowledgements would not fit into the receive buffer.
    const isAcknowledged = (request: NetlinkRequest, index: number) =>
      index === requests.length - 1 || answersLater(request);
    const exchanges = requests.map((request, index) =>
      this.begin(request, isAcknowledged(request, index) ? NLM_F_ACK : 0),
    );
    const end = batch.end === undefined ? undefined : this.begin(batch.end, 0);
    return {
      conversation: new BatchExchange(
        exchanges,
        exchanges.filter((_, index) => isAcknowledged(requests[index]!, index)),
        begin,
        end,
      ),
      replies: () => requests.flatMap((request, index) => decodeAll(request, (exchanges[index] as Exchange).replies)),
    };
  }

  /** Makes a request's bytes, with a sequence number of its own. */
  protected begin(request: NetlinkRequest, flags: number): Exchange {
    this.checkProtocol('request', request);
    knownKeys('request', request, REQUEST_KEYS);
    const own = integer('request: flags', request.flags ?? 0, 0, 0xffff);
    // 0 is the number of what no request has caused.
    this.seq = (this.seq % (2 ** 32 - 1)) + 1;
    const { type, data } = request;
    const bytes = encodeMessage({ type, flags: own | flags | NLM_F_REQUEST, seq: this.seq, data });
    const isDump = (flags & NLM_F_DUMP) !== 0;
    return new Exchange(bytes, this.seq, this.pid, { isDump, answersLater: answersLater(request) });
  }

  /**
   * What an exchange needs done, step by step: bytes to send, or undefined for a datagram to receive and dispatch.
   *
   * @throws {@link NetlinkError} if the kernel refuses the request.
   */
  protected *steps(conversation: Conversation): Generator<Buffer | undefined, void, undefined> {
    // The kernel begins no second dump before all of the first has been received.
    while (this.conversation && !this.conversation.done) yield undefined;
    let isSent = false;
    this.conversation = conversation;
    try {
      yield conversation.request;
      isSent = true;
      while (!conversation.done) yield undefined;
    } finally {
      const goesOn = isSent && conversation.isDump && !conversation.done;
      if (!goesOn) this.conversation = undefined;
    }
    conversation.check();
  }

  /** Hands the messages of a datagram, which is in the room, to the calls that wait for them. */
  protected dispatch([size, ancdata, , address]: Datagram): void {
    const sender = address?.[0];
    // Other processes may send here too.
    if (sender !== 0) return;
    if (size > this.memory.length) {
      const hint = `a message of ${size} bytes was cut short; there is room for the next one`;
      this.memory = Buffer.allocUnsafeSlow(size);
      throw osError(-(native.errnos.EMSGSIZE as number), { syscall: 'netlink', hint });
    }
    const data = new FastBuffer(this.memory.subarray(0, size));
    const group = NetlinkPktinfo.decode(ancdata) ?? 0;
    const nsid = NetlinkNsid.decode(ancdata);
    for (const message of this.messagesIn(data)) {
      message.nsid = nsid;
      if (group === 0) this.conversation?.receive(message);
      else for (const subscription of this.subscriptions) subscription.receive(message, group);
    }
  }

  private messagesIn(data: Buffer): NetlinkMessage[] {
    // Only this protocol has text in place of messages.
    if (this.socket.proto === NETLINK_KOBJECT_UEVENT) return [{ type: 0, flags: 0, seq: 0, pid: 0, data }];
    return decodeMessages(data);
  }

  /** Joins the groups of events; what they bring is kept from now on. */
  protected subscribe<Event>(events: readonly NetlinkEvents<Event>[]): Subscription<Event> {
    for (const one of events) this.checkProtocol('events', one);
    const subscription = new Subscription(events);
    this.subscriptions.add(subscription);
    try {
      for (const group of subscription.groups) this.socket.setOption(netlinkOptions.NETLINK_ADD_MEMBERSHIP, group);
    } catch (error) {
      this.unsubscribe(subscription);
      throw error;
    }
    return subscription;
  }

  /** Leaves the groups that nobody watches any more. */
  protected unsubscribe(subscription: Subscription<any>): void {
    if (!this.subscriptions.delete(subscription) || this.socket.fileno() < 0) return;
    for (const group of subscription.groups) {
      if ([...this.subscriptions].some(({ groups }) => groups.has(group))) continue;
      this.socket.setOption(netlinkOptions.NETLINK_DROP_MEMBERSHIP, group);
    }
  }

  /**
   * The error of messages that were lost, with advice; undefined for another one. The kernel drops answers too from then on until
   * all that waits is received, and does not tell of them.
   */
  protected lossIn(error: unknown): OSError | undefined {
    if (!(error instanceof OSError) || error.code !== 'ENOBUFS') return undefined;
    const hint = 'messages were lost, because they came faster than they were received: dump again, or raise SO_RCVBUF';
    return osError(-(error.errno as number), { syscall: error.syscall, hint });
  }

  private checkProtocol(name: string, value: { readonly protocol: number }): void {
    if (typeof value !== 'object' || value === null)
      throw wrongType(name, 'an object such as getLinks() returns', value);
    if (value.protocol === this.socket.proto) return;
    throw wrongValue(name, `one for the connection's protocol ${this.socket.proto}`, value.protocol);
  }
}
