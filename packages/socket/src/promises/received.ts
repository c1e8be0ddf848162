import { join, keep, type Receiver } from '@bsd-sockets/core-native';
import { countCharacters, skipCharacters } from '../files/characters';
import { Decoder } from '../files/decoder';
import type { Encoding } from '../files/encoding';
import type { Errors } from '../files/malformed';
import type { Newlines } from '../files/newlines';

/** What a file has received and nobody has read yet. Nothing leaves it before a read is complete. */
export abstract class Received<Line extends string | Buffer> {
  protected pieces: Line[] = [];
  /** How many bytes, or units of UTF-16, there are. */
  length = 0;
  /** No line ends before this. */
  protected searched = 0;

  /**
   * Adds what one receive has brought.
   *
   * @param last - Nothing follows.
   */
  abstract add(data: Buffer, last: boolean): void;

  /** Where the first `count` bytes or characters end; -1 while there are fewer. */
  abstract endOf(count: number): number;

  /** How many bytes or characters there are before `end`. */
  abstract countTo(end: number): number;

  protected abstract join(pieces: Line[]): Line;
  protected abstract slice(piece: Line, start: number, end?: number): Line;
  protected abstract endInPiece(piece: Line, start: number): number;

  /** Where the line that begins at `start` ends; -1 while that has not arrived. */
  lineEnd(start = 0): number {
    let offset = 0;
    for (const piece of this.pieces) {
      const from = Math.max(start, this.searched) - offset;
      const end = from < piece.length ? this.endInPiece(piece, Math.max(from, 0)) : -1;
      if (end >= 0) return offset + end;
      offset += piece.length;
    }
    if (start === 0) this.searched = this.length;
    return -1;
  }

  /** Takes out what lies before `end`; by default all. */
  take(end = this.length): Line {
    const whole = this.whole();
    this.pieces = [];
    this.length = 0;
    this.searched = 0;
    if (end < whole.length) this.push(this.slice(whole, end));
    return this.slice(whole, 0, end);
  }

  protected push(piece: Line): void {
    if (piece.length === 0) return;
    const { pieces } = this;
    pieces.push(piece);
    this.length += piece.length;
    // Each is at least twice as long as the next, so that they stay few, and none of their bytes is copied often.
    for (let last = pieces.length - 1; last > 0 && pieces[last - 1]!.length < 2 * pieces[last]!.length; last--) {
      pieces.splice(last - 1, 2, this.join(pieces.slice(last - 1)));
    }
  }

  protected whole(): Line {
    if (this.pieces.length !== 1) this.pieces = [this.join(this.pieces)];
    return this.pieces[0]!;
  }
}

export class ReceivedBytes extends Received<Buffer> implements Receiver {
  pool: Receiver['pool'];

  override add(data: Buffer): void {
    this.push(data);
  }

  override endOf(count: number): number {
    return count <= this.length ? count : -1;
  }

  override countTo(end: number): number {
    return end;
  }

  /** What there is, which stays. */
  peek(): Buffer {
    return keep(this, this.whole());
  }

  override take(end = this.length): Buffer {
    // A line does not keep alive what came with it.
    return keep(this, super.take(end));
  }

  protected override join(pieces: Buffer[]): Buffer {
    return join(pieces);
  }

  protected override slice(piece: Buffer, start: number, end?: number): Buffer {
    return piece.subarray(start, end);
  }

  protected override endInPiece(piece: Buffer, start: number): number {
    return piece.indexOf(0x0a, start) + 1 || -1;
  }
}

export class ReceivedText extends Received<string> {
  private readonly decoder: Decoder;
  private readonly newlines: Newlines;
  /** How many characters {@link endOf} was asked for, and how many units there must be before it looks again. */
  private wanted = -1;
  private enough = 0;

  constructor(encoding: Encoding, errors: Errors, newlines: Newlines) {
    super();
    this.decoder = new Decoder(encoding, errors);
    this.newlines = newlines;
  }

  override add(data: Buffer, last: boolean): void {
    const text = this.newlines.receive(this.decoder.decode(data, last), last);
    // Half a newline goes with the other half.
    const before = this.pieces.at(-1) ?? '';
    const certain = this.newlines.certainEnd(before, 0);
    if (certain < before.length) {
      this.pieces[this.pieces.length - 1] = before.slice(0, certain);
      this.length -= before.length - certain;
      this.searched = Math.min(this.searched, this.length);
    }
    this.push(before.slice(certain) + text);
  }

  override endOf(count: number): number {
    if (count !== this.wanted) {
      this.wanted = count;
      this.enough = count;
    }
    if (this.length < this.enough) return -1;
    const text = this.whole();
    const end = skipCharacters(text, 0, count);
    const missing = end < text.length ? 0 : count - countCharacters(text);
    if (missing <= 0) return end;
    // A character has one unit or two, so that it takes as many more at least.
    this.enough = this.length + missing;
    return -1;
  }

  override take(end?: number): string {
    this.wanted = -1;
    return super.take(end);
  }

  override countTo(end: number): number {
    return countCharacters(this.whole().slice(0, end));
  }

  protected override join(pieces: string[]): string {
    return pieces.join('');
  }

  protected override slice(piece: string, start: number, end?: number): string {
    return piece.slice(start, end);
  }

  protected override endInPiece(piece: string, start: number): number {
    return this.newlines.lineEnd(piece, start);
  }
}
