import type { Native, Result } from './bindings';
import { MESSAGE_SIZE, Part, Slot } from './slot';
import { lengthOf as trueLength } from './view-length';

/** The calls of the hot path, which have all their arguments in the call block. */
export interface HotCalls {
  /** `receive` into the memory of the last `receive`. */
  receiveKnown(): void;
  /** `send` and `sendall` of the message in the call block; if it has none, from the memory of the last call. */
  sendKnown(): void;
  sendallKnown(): void;
}

/** The addon as it is. */
export interface Addon extends Native, HotCalls {
  /** What those of an FFI take (`ffi.ts`): it is of this thread, and of this evaluation of the addon. */
  readonly ffiEnvironment: number;
  /** What {@link withKnownMemory} has made of it: one for all copies of this package, which share the call block. */
  wrapped?: Loaded;
}

export interface Loaded {
  readonly native: Native;
  /** `receive` into memory of so many bytes, which is kept for the next call unless it has more than `most`. */
  receiveKeeping(memory: Uint8Array, length: number, most: number): Result;
  /** Has the hot path call these from now on. */
  use(calls: HotCalls): void;
}

/** The most bytes of memory of a caller's that is kept for another call with it: more take so long that nothing is gained. */
export const KNOWN_MOST = 64 * 1024;

/**
 * Makes the bindings of sending and receiving cheaper. Node-API takes more time to tell the address of a typed array than to
 * call the addon, so that memory is handed over once as long as it stays the same, and a short message is copied into the
 * call block. The results are left there too.
 */
export function withKnownMemory(addon: Addon): Loaded {
  let { close, ffiEnvironment: _, receive, receiveKnown, send, sendKnown, sendall, sendallKnown, ...others } = addon;
  const slots = new Int32Array(addon.callBlock, Part.integers);
  const message = new Uint8Array(addon.callBlock, Part.message, MESSAGE_SIZE);
  const { set } = Uint8Array.prototype;
  // The addon itself refuses what is no such view.
  const lengthOf = (view: Uint8Array): number =>
    ArrayBuffer.isView(view) && view instanceof Uint8Array ? trueLength(view) : 0;

  const none: Uint8Array = new Uint8Array(0);
  /**
   * What the addon knows, by the views. It holds as long as a view has its length: one whose buffer was detached has none.
   * And the last short message that was copied, since a program that sends from it again may do so many times.
   */
  const known = { sent: none, sentLength: 0, received: none, receivedLength: 0, copied: none };

  const receiveKeeping = (buffer: Uint8Array, length: number, most: number): Result => {
    if (buffer === known.received && length === known.receivedLength) {
      receiveKnown();
    } else {
      receiveOther(buffer, length, most);
    }
    return slots[Slot.result]!;
  };
  const receiveOther = (buffer: Uint8Array, length: number, most: number) => {
    receive(buffer);
    known.received = length === 0 || length > most ? none : buffer;
    known.receivedLength = length;
  };
  const isKnown = (data: Uint8Array) => {
    if (data === known.sent && known.sentLength > 0 && trueLength(data) === known.sentLength) {
      slots[Slot.messageLength] = 0;
      return true;
    }
    return isCopied(data);
  };
  const isCopied = (data: Uint8Array) => {
    const length = lengthOf(data);
    if (length === 0) return false;
    // With flags a message may have to stay where it is (MSG_ZEROCOPY).
    if (length > message.length || data === known.copied || slots[Slot.flags] !== 0) return false;
    known.copied = data;
    set.call(message, data);
    slots[Slot.messageLength] = length;
    return true;
  };
  const keepSent = (data: Uint8Array) => {
    known.sentLength = lengthOf(data);
    known.sent = known.sentLength > KNOWN_MOST ? none : data;
  };

  const native: Native = {
    ...others,
    close(fd) {
      // A program that needs the memory no more has no other way to say so.
      known.sent = known.received = known.copied = none;
      return close(fd);
    },
    receive: (buffer) => receiveKeeping(buffer, lengthOf(buffer), KNOWN_MOST),
    send(data) {
      if (isKnown(data)) {
        sendKnown();
      } else {
        send(data);
        keepSent(data);
      }
      return slots[Slot.result]!;
    },
    sendall(data) {
      if (isKnown(data)) {
        sendallKnown();
      } else {
        sendall(data);
        keepSent(data);
      }
      return slots[Slot.result]!;
    },
  };
  const use = (calls: HotCalls) => {
    ({ receiveKnown, sendKnown, sendallKnown } = calls);
  };
  return { native, receiveKeeping, use };
}
