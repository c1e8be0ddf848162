import { BlockingIOError, native, wrongType } from '@bsd-sockets/core-native';
import type { BufferedReader } from './buffered-reader';
import type { BufferedRWPair } from './buffered-rw-pair';
import type { BufferedWriter } from './buffered-writer';
import { countCharacters, skipCharacters } from './characters';
import { Decoder } from './decoder';
import { encode } from './encode';
import { type Encoding, encodingOf } from './encoding';
import { IOBase, type Size, sizeOf } from './io-base';
import { type Errors, errorsOf } from './malformed';
import { type Newline, Newlines, newlineOf } from './newlines';
import { UnsupportedOperation } from './unsupported-operation';

/** What the text of a file is made of. */
export interface TextOptions {
  /** `utf-8` (the default), `latin1`, `ascii` or `utf-16le`. */
  encoding?: string | null | undefined;
  /** What becomes of bytes and characters that the encoding lacks; `strict` by default. */
  errors?: Errors | null | undefined;
  /** How lines end; null by default. */
  newline?: Newline;
}

/** How many bytes are received at once. */
const CHUNK_SIZE = 8192;

/**
 * A text file. Sizes are in characters, of which a surrogate pair is one.
 *
 * Source: Python's `io.TextIOWrapper`
 */
export class TextIOWrapper extends IOBase<string, string> {
  /** The file under this one. */
  readonly buffer: BufferedReader | BufferedWriter | BufferedRWPair;
  readonly mode: string;
  /** Whether a line is sent as soon as it is written. */
  readonly lineBuffering: boolean;
  private readonly codec: Encoding;
  /** What becomes of bytes and characters that the encoding lacks. */
  readonly errors: Errors;
  private readonly newlines: Newlines;
  private readonly decoder: Decoder;
  // What was received and not yet read lies from `position` on.
  private text = '';
  private position = 0;

  /** @internal */
  constructor(
    buffer: BufferedReader | BufferedWriter | BufferedRWPair,
    mode: string,
    lineBuffering: boolean,
    options: TextOptions,
  ) {
    super();
    this.buffer = buffer;
    this.mode = mode;
    this.lineBuffering = lineBuffering;
    this.codec = encodingOf(options.encoding);
    this.errors = errorsOf(options.errors);
    this.newlines = new Newlines(newlineOf(options.newline));
    this.decoder = new Decoder(this.codec, this.errors);
  }

  /** The name of the encoding. */
  get encoding(): string {
    return this.codec.name;
  }

  get closed(): boolean {
    return this.buffer.closed;
  }

  get name(): number {
    return this.buffer.name;
  }

  fileno(): number {
    return this.buffer.fileno();
  }

  readable(): boolean {
    return this.buffer.readable();
  }

  writable(): boolean {
    return this.buffer.writable();
  }

  override read(size?: Size): string {
    const most = sizeOf(size);
    this.checkReadable();
    if (most < 0) return this.readall();
    let text = '';
    let left = most;
    do {
      const part = this.take(skipCharacters(this.text, this.position, left));
      text += part;
      left -= countCharacters(part);
    } while (left > 0 && this.receive());
    return text;
  }

  override readline(size?: Size): string {
    const most = sizeOf(size);
    let left = most < 0 ? Number.POSITIVE_INFINITY : most;
    this.checkReadable();
    let line = '';
    do {
      const end = this.newlines.lineEnd(this.text, this.position);
      const stop = skipCharacters(this.text, this.position, left);
      if (end >= 0) return line + this.take(Math.min(end, stop));
      const part = this.take(Math.min(this.newlines.certainEnd(this.text, this.position), stop));
      line += part;
      left -= countCharacters(part);
    } while (left > 0 && this.receive());
    return left > 0 ? line + this.take(this.text.length) : line;
  }

  override write(text: string): number {
    if (typeof text !== 'string') throw wrongType('text', 'a string', text);
    if (!this.writable()) throw new UnsupportedOperation('write');
    this.buffer.write(encode(this.newlines.send(text), this.codec, this.errors));
    if (this.lineBuffering && /[\r\n]/.test(text)) this.flush();
    return countCharacters(text);
  }

  override flush(): void {
    this.buffer.flush();
  }

  close(): void {
    this.buffer.close();
  }

  protected override lengthOf(line: string): number {
    return countCharacters(line);
  }

  private checkReadable(): void {
    if (!this.readable()) throw new UnsupportedOperation('read');
  }

  private readall(): string {
    const rest = this.buffer.read();
    if (rest === undefined) throw new BlockingIOError(native.errnos.EAGAIN as number, { syscall: 'read' });
    const text = this.newlines.receive(this.decoder.decode(rest, true), true);
    return this.take(this.text.length) + text;
  }

  /** Adds what one receive brings to the text; false at the end of the stream. */
  private receive(): boolean {
    const chunk = (this.buffer as BufferedReader).read1(CHUNK_SIZE);
    const last = chunk.length === 0;
    const piece = this.newlines.receive(this.decoder.decode(chunk, last), last);
    this.text = this.text.slice(this.position) + piece;
    this.position = 0;
    return !last || piece !== '';
  }

  private take(end: number): string {
    const taken = this.text.slice(this.position, end);
    this.position = end;
    return taken;
  }
}
