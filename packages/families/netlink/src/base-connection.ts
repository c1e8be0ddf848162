import {
  integer,
  MSG_TRUNC,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  native,
  OSError,
  osError,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type AncillaryData, type BaseSocket, CMSG_SPACE } from '@bsd-sockets/socket';
import { Exchange } from './exchange';
import type { AF_NETLINK, NetlinkAddress } from './family';
import { decodeMessages, encodeMessage } from './message';
import { netlinkOptions } from './options';
import { NetlinkPktinfo } from './packet-info';
import type { NetlinkEvents, NetlinkRequest } from './request';
import { Subscription } from './subscription';

/** A received datagram, as `recvmsg` returns it. */
export type Datagram = [data: Buffer, ancdata: AncillaryData[], msgFlags: number, address: NetlinkAddress];

/** The kernel makes the pieces of a dump as large as what has been asked for so far, but no larger than this. */
export const USUAL_SIZE = 32 * 1024;

/** Room for the one control message that is asked for: the group. */
export const CONTROL_SIZE = CMSG_SPACE(4);

/**
 * What the connections of both faces share: all but the input and output.
 *
 * @typeParam S - The socket of the face.
 */
export abstract class BaseNetlink<S extends BaseSocket<typeof AF_NETLINK>> {
  /** The socket underneath: for time-outs (`settimeout`) and options (SO_RCVBUF). */
  readonly socket: S;
  /** The port id: what the kernel calls this socket. */
  readonly pid: number;
  /** The exchange that is under way, or a dump that was given up before its end. */
  private exchange: Exchange | undefined;
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

  /** Makes a request's bytes, with a sequence number of its own. */
  protected begin(request: NetlinkRequest, flags: number): Exchange {
    this.checkProtocol('request', request);
    const own = integer('request: flags', request.flags ?? 0, 0, 0xffff);
    // 0 is the number of what no request has caused.
    this.seq = (this.seq % (2 ** 32 - 1)) + 1;
    const { type, data } = request;
    const bytes = encodeMessage({ type, flags: own | flags | NLM_F_REQUEST, seq: this.seq, pid: this.pid, data });
    return new Exchange(bytes, this.seq, this.pid, (flags & NLM_F_DUMP) !== 0);
  }

  /**
   * What an exchange needs done, step by step: bytes to send, or undefined for a datagram to receive and dispatch.
   *
   * @throws {@link NetlinkError} if the kernel refuses the request.
   */
  protected *steps(exchange: Exchange): Generator<Buffer | undefined, void, undefined> {
    // The kernel begins no second dump before all of the first has been received.
    while (this.exchange && !this.exchange.done) yield undefined;
    let isSent = false;
    this.exchange = exchange;
    try {
      yield exchange.request;
      isSent = true;
      while (!exchange.done) yield undefined;
    } finally {
      const goesOn = isSent && exchange.isDump && !exchange.done;
      if (!goesOn) this.exchange = undefined;
    }
    exchange.check();
  }

  /** Hands the messages of a datagram to those who wait for them. */
  protected dispatch([data, ancdata, msgFlags, [sender]]: Datagram): void {
    // Other processes may send here too.
    if (sender !== 0) return;
    if (msgFlags & MSG_TRUNC) {
      throw osError(-(native.errnos.EMSGSIZE as number), { syscall: 'netlink', hint: 'a message was cut short' });
    }
    const group = NetlinkPktinfo.decode(ancdata) ?? 0;
    for (const message of decodeMessages(data)) {
      if (group === 0) this.exchange?.receive(message);
      else for (const subscription of this.subscriptions) subscription.receive(message, group);
    }
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

  /** An error of the socket, with advice where the errno says little. */
  protected explain(error: unknown): unknown {
    if (!(error instanceof OSError) || error.code !== 'ENOBUFS') return error;
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
