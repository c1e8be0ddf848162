import { fillCall, native } from '@bsd-sockets/core-native';
import { encodeControl } from '../control-messages/cmsg';
import { ScmRights } from '../control-messages/rights';
import { sendNow } from '../promises/send-now';

const EMSGSIZE = native.errnos.EMSGSIZE as number;
const IOV_MAX = native.constants.IOV_MAX ?? 1024;

/** The most bytes of a message that a stream of bytes makes. */
const MESSAGE = 65536;

/** What a write of a stream has still to send. */
export abstract class Outgoing {
  protected readonly buffers: Uint8Array[];
  /** The first buffer that is not sent as a whole. */
  protected next = 0;

  constructor(buffers: Uint8Array[]) {
    this.buffers = buffers;
  }

  /** Whether all is sent. */
  get done(): boolean {
    return this.next === this.buffers.length;
  }

  /** Sends the next part, without waiting: how many bytes, or a negative errno. */
  abstract send(fd: number): number;
}

/** A part is a message. */
export class OutgoingMessages extends Outgoing {
  override send(fd: number): number {
    const sent = sendNow(fd, this.buffers[this.next]!);
    if (sent >= 0) this.next++;
    return sent;
  }
}

/** A part is as many bytes as the kernel takes, from any number of buffers. */
export class OutgoingBytes extends Outgoing {
  constructor(buffers: Uint8Array[]) {
    super(buffers);
    this.skip(0);
  }

  override send(fd: number): number {
    const { buffers, next } = this;
    const sent = next === buffers.length - 1 ? sendNow(fd, buffers[next]!) : this.sendSeveral(fd);
    if (sent >= 0) this.skip(sent);
    return sent;
  }

  /** In one system call, without joining the buffers. */
  private sendSeveral(fd: number): number {
    fillCall(fd, 0, 0, 0, 0, 0);
    return native.sendmsg(this.buffers.slice(this.next, this.next + IOV_MAX), null);
  }

  protected skip(bytes: number): void {
    const { buffers } = this;
    let sent = bytes;
    while (this.next < buffers.length && sent >= buffers[this.next]!.length) sent -= buffers[this.next++]!.length;
    if (sent > 0) buffers[this.next] = buffers[this.next]!.subarray(sent);
  }
}

/** A part is a message of as many bytes as the socket takes in one, so that the peer has to join them. */
export class OutgoingPieces extends OutgoingBytes {
  private most = MESSAGE;

  override send(fd: number): number {
    for (;;) {
      const piece = this.buffers[this.next]!.subarray(0, this.most);
      const sent = sendNow(fd, piece);
      if (sent !== -EMSGSIZE || piece.length === 1) {
        if (sent >= 0) this.skip(sent);
        return sent;
      }
      this.most = piece.length >> 1;
    }
  }
}

/** A part is what the kernel takes of a buffer; with the first byte go the descriptors that belong to it. */
export class OutgoingRights extends OutgoingBytes {
  private readonly rights: Map<Uint8Array, number[]>;

  /** @param rights - Descriptors by buffer; those that are sent are taken out. */
  constructor(buffers: Uint8Array[], rights: Map<Uint8Array, number[]>) {
    super(buffers);
    this.rights = rights;
  }

  override send(fd: number): number {
    const buffer = this.buffers[this.next]!;
    const fds = this.rights.get(buffer);
    fillCall(fd, 0, 0, 0, 0, 0);
    const sent = native.sendmsg([buffer], fds === undefined ? null : encodeControl([ScmRights.encode(fds)]));
    if (sent < 0) return sent;
    this.rights.delete(buffer);
    this.skip(sent);
    return sent;
  }
}
