import { join, wrongValue } from '@bsd-sockets/core-native';
import type { Encoding } from './encoding';
import type { Errors } from './malformed';

const ESCAPE = 0xdc00;

/** Turns bytes that come in pieces into text: a character that a piece cuts off waits for the next one. */
export class Decoder {
  private readonly encoding: Encoding;
  private readonly errors: Errors;
  private pending: Buffer = Buffer.alloc(0);

  constructor(encoding: Encoding, errors: Errors) {
    this.encoding = encoding;
    this.errors = errors;
  }

  /**
   * @param last - Nothing follows: a character that is cut off is malformed.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for malformed bytes, if the errors are strict or cannot be escaped.
   */
  decode(piece: Buffer, last: boolean): string {
    const { encoding, pending } = this;
    const bytes = pending.length > 0 ? join([pending, piece]) : piece;
    if (encoding.isWellFormed(bytes)) {
      this.pending = bytes.subarray(bytes.length);
      return bytes.toString(encoding.node);
    }
    let text = '';
    let decoded = 0;
    let at = 0;
    while (at < bytes.length) {
      const length = encoding.lengthAt(bytes, at);
      if (length === 0 && !last) break;
      if (length > 0) {
        at += length;
      } else {
        text += bytes.toString(encoding.node, decoded, at);
        const [replacement, skipped] = this.replace(bytes.subarray(at, length === 0 ? bytes.length : at - length));
        text += replacement;
        at += skipped;
        decoded = at;
      }
    }
    text += bytes.toString(encoding.node, decoded, at);
    this.pending = bytes.subarray(at);
    return text;
  }

  /** What stands for malformed bytes, and for how many of them. */
  private replace(malformed: Buffer): [text: string, length: number] {
    if (this.errors === 'ignore') return ['', malformed.length];
    if (this.errors === 'replace') return ['\ufffd', malformed.length];
    // An escaped byte below 0x80 could be mistaken for a character.
    const plain = malformed.findIndex((byte) => byte < 0x80);
    const escaped = malformed.subarray(0, plain < 0 ? malformed.length : plain);
    if (this.errors === 'strict' || escaped.length === 0) {
      throw wrongValue('file', `to receive well-formed ${this.encoding.name}`, malformed);
    }
    return [String.fromCharCode(...Array.from(escaped, (byte) => ESCAPE + byte)), escaped.length];
  }
}
