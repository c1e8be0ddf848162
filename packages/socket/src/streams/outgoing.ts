import { fillCall, native } from '@bsd-sockets/core-native';
import { sendNow } from '../promises/send-now';

const EMSGSIZE = native.errnos.EMSGSIZE as number;
const IOV_MAX = native.constants.IOV_MAX ?? 1024;

/** The most bytes of a message that a stream of bytes makes. */
const MESSAGE = 65536;

/** What a write of a stream has still to send. */
export abstract class Outgoing {
  protected rest: Uint8Array[];

  constructor(buffers: Uint8Array[]) {
    this.rest = buffers;
  }

  /** Whether all is sent. */
  get done(): boolean {
    return this.rest.length === 0;
  }

  /** Sends the next part, without waiting: how many bytes, or a negative errno. */
  abstract send(fd: number): number;
}

/** A part is a message. */
export class OutgoingMessages extends Outgoing {
  override send(fd: number): number {
    const sent = sendNow(fd, this.rest[0]!);
    if (sent >= 0) this.rest = this.rest.slice(1);
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
    const { rest } = this;
    const sent = rest.length === 1 ? sendNow(fd, rest[0]!) : this.sendSeveral(fd);
    if (sent >= 0) this.skip(sent);
    return sent;
  }

  /** In one system call, without joining the buffers. */
  private sendSeveral(fd: number): number {
    fillCall(fd, 0, 0, 0, 0, 0);
    return native.sendmsg(this.rest.length > IOV_MAX ? this.rest.slice(0, IOV_MAX) : this.rest, null);
  }

  protected skip(bytes: number): void {
    const { rest } = this;
    let first = 0;
    let sent = bytes;
    while (first < rest.length && sent >= rest[first]!.length) sent -= rest[first++]!.length;
    this.rest = rest.slice(first);
    if (sent > 0) this.rest[0] = this.rest[0]!.subarray(sent);
  }
}

/** A part is a message of as many bytes as the socket takes in one, so that the peer has to join them. */
export class OutgoingPieces extends OutgoingBytes {
  private most = MESSAGE;

  override send(fd: number): number {
    for (;;) {
      const piece = this.rest[0]!.subarray(0, this.most);
      const sent = sendNow(fd, piece);
      if (sent !== -EMSGSIZE || piece.length === 1) {
        if (sent >= 0) this.skip(sent);
        return sent;
      }
      this.most = piece.length >> 1;
    }
  }
}
