import { fillCall, gather, lengthOf, native, totalLength } from '@bsd-sockets/core-native';
import { encodeControl } from '../control-messages/cmsg';
import { ScmRights } from '../control-messages/rights';
import { sendNow } from '../promises/send-now';

const EFAULT = native.errnos.EFAULT as number;
const EMSGSIZE = native.errnos.EMSGSIZE as number;
const IOV_MAX = native.constants.IOV_MAX ?? 1024;

/** The most bytes of a message that a stream of bytes makes. */
const MESSAGE = 65536;

/** Where short buffers are joined: to copy them takes less time than to tell the addon where each of them is. */
const joined = Buffer.allocUnsafeSlow(4096);

/** What a write of a stream has still to send. */
export abstract class Outgoing {
  protected readonly buffers: Uint8Array[];
  /** The first buffer that is not sent as a whole. */
  protected next = 0;
  /** How many bytes there are in each, unless somebody has taken its memory away. */
  private readonly lengths: number[];

  constructor(buffers: Uint8Array[]) {
    this.buffers = buffers;
    this.lengths = buffers.map(lengthOf);
  }

  /** Whether all is sent. */
  get done(): boolean {
    return this.next === this.buffers.length;
  }

  /** Sends the next part, without waiting: how many bytes, or a negative errno. */
  send(fd: number): number {
    const { buffers, lengths } = this;
    const end = Math.min(this.next + this.most, buffers.length);
    for (let index = this.next; index < end; index++) {
      if (lengthOf(buffers[index]!) !== lengths[index]) return -EFAULT;
    }
    return this.sendPart(fd);
  }

  /** The most buffers of a part. */
  protected get most(): number {
    return 1;
  }

  protected abstract sendPart(fd: number): number;

  /** So many bytes are sent. */
  protected skip(bytes: number): void {
    const { buffers, lengths } = this;
    let sent = bytes;
    while (this.next < buffers.length && sent >= lengths[this.next]!) sent -= lengths[this.next++]!;
    if (sent === 0) return;
    buffers[this.next] = buffers[this.next]!.subarray(sent);
    lengths[this.next]! -= sent;
  }
}

/** A part is a message. */
export class OutgoingMessages extends Outgoing {
  protected override sendPart(fd: number): number {
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

  protected override sendPart(fd: number): number {
    const { buffers, next } = this;
    const sent = next === buffers.length - 1 ? sendNow(fd, buffers[next]!) : this.sendSeveral(fd);
    if (sent >= 0) this.skip(sent);
    return sent;
  }

  /** In one system call. */
  private sendSeveral(fd: number): number {
    const buffers = this.buffers.slice(this.next, this.next + IOV_MAX);
    const length = totalLength(buffers);
    fillCall(fd, 0, 0, length, 0, 0);
    if (length > joined.length) return native.sendmsg(buffers, null);
    return native.send(gather(joined, buffers));
  }

  protected override get most(): number {
    return IOV_MAX;
  }
}

/** A part is a message of as many bytes as the socket takes in one, so that the peer has to join them. */
export class OutgoingPieces extends OutgoingBytes {
  private size = MESSAGE;

  protected override sendPart(fd: number): number {
    for (;;) {
      const piece = this.buffers[this.next]!.subarray(0, this.size);
      const sent = sendNow(fd, piece);
      if (sent !== -EMSGSIZE || piece.length === 1) {
        if (sent >= 0) this.skip(sent);
        return sent;
      }
      this.size = piece.length >> 1;
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

  protected override sendPart(fd: number): number {
    const buffer = this.buffers[this.next]!;
    const fds = this.rights.get(buffer);
    fillCall(fd, 0, 0, buffer.length, 0, 0);
    const sent = native.sendmsg(buffer, fds === undefined ? null : encodeControl([ScmRights.encode(fds)]));
    if (sent < 0) return sent;
    this.rights.delete(buffer);
    this.skip(sent);
    return sent;
  }
}
