import { BlockingIOError, InterruptedError, type KnownKeys, native, wrongType } from '@bsd-sockets/core-native';
import type { BufferedReader } from './buffered-reader';
import type { BufferedRWPair } from './buffered-rw-pair';
import type { BufferedWriter } from './buffered-writer';
import { countCharacters, skipCharacters } from './characters';
import { Decoder } from './decoder';
import { encode } from './encode';
import { type Encoding, encodingOf } from './encoding';
import { detachedError, IOBase, type Size, sizeOf } from './io-base';
import { type Errors, errorsOf } from './malformed';
import { type Newline, Newlines, newlineOf } from './newlines';
import { notOpenFor } from './unsupported-operation';

/** What the text of a file is made of. */
export interface TextOptions {
  /** `utf-8` (the default), `latin1`, `ascii` or `utf-16le`. */
  encoding?: string | null | undefined;
  /** What becomes of bytes and characters that the encoding does not have; `strict` by default. */
  errors?: Errors | null | undefined;
  /** How lines end; null by default. */
  newline?: Newline;
}

/** For both faces. */
export const TEXT_OPTIONS: KnownKeys<TextOptions> = { encoding: true, errors: true, newline: true };

/** How many bytes are received at once. */
const CHUNK_SIZE = 8192;

/**
 * A text file. Sizes are in characters, of which a surrogate pair is one.
 *
 * Source: Python's `io.TextIOWrapper`
 */
export class TextIOWrapper extends IOBase<string, string> {
  private under: BufferedReader | BufferedWriter | BufferedRWPair | undefined;
  /**
   * The mode as `makefile` was given it, such as `r` or `rw`.
   *
   * Source: Python's `socket.makefile`
   */
  readonly mode: string;
  /** Whether a line is sent as soon as it is written. */
  readonly lineBuffering: boolean;
  private readonly codec: Encoding;
  /** What becomes of bytes and characters that the encoding does not have. */
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
    this.under = buffer;
    this.mode = mode;
    this.lineBuffering = lineBuffering;
    this.codec = encodingOf(options.encoding);
    this.errors = errorsOf(options.errors);
    this.newlines = new Newlines(newlineOf(options.newline));
    this.decoder = new Decoder(this.codec, this.errors);
  }

  /**
   * The file under this one.
   *
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once it was detached.
   *
   * Source: Python's `io.TextIOBase.buffer`
   */
  get buffer(): BufferedReader | BufferedWriter | BufferedRWPair {
    if (this.under === undefined) throw detachedError();
    return this.under;
  }

  /**
   * Separates the file under this one, which stays open, after sending what waits. This one cannot be used any more; what it
   * had received and nobody has read is lost, as in Python.
   *
   * @returns The binary file.
   * @throws {@link OSError}, as from {@link flush}; RangeError (`ERR_INVALID_ARG_VALUE`) once it is closed, or detached.
   *
   * Source: Python's `io.TextIOBase.detach`
   */
  detach(): BufferedReader | BufferedWriter | BufferedRWPair {
    this.flush();
    const { buffer } = this;
    this.under = undefined;
    return buffer;
  }

  /** The name of the encoding. */
  get encoding(): string {
    return this.codec.name;
  }

  /**
   * Whether the file is closed.
   *
   * Source: Python's `io.IOBase.closed`
   */
  get closed(): boolean {
    return this.buffer.closed;
  }

  /**
   * The descriptor of the socket; -1 once the file is closed.
   *
   * Source: Python's `socket.SocketIO.name`
   */
  get name(): number {
    return this.buffer.name;
  }

  /**
   * Tells the descriptor of the socket.
   *
   * @returns The descriptor, 0 or more; -1 if it was detached from the socket.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.fileno`
   */
  fileno(): number {
    return this.buffer.fileno();
  }

  /**
   * Tells whether the file can be read.
   *
   * @returns true if it was opened for reading.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once a file that was opened for reading is closed.
   *
   * Source: Python's `io.IOBase.readable`
   */
  readable(): boolean {
    return this.buffer.readable();
  }

  /**
   * Tells whether the file can be written to.
   *
   * @returns true if it was opened for writing.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once a file that was opened for writing is closed.
   *
   * Source: Python's `io.IOBase.writable`
   */
  writable(): boolean {
    return this.buffer.writable();
  }

  /**
   * Reads text.
   *
   * @param size - How many characters, 0 or more; less, null or nothing for all up to the end of the stream.
   * @returns The text: shorter at the end of the stream, empty after it. The same where a non-blocking socket has no
   *   more.
   * @throws {@link OSError}, such as ECONNRESET, and EIO after a read that timed out; {@link TimeoutError};
   *   {@link BlockingIOError} (EAGAIN) if all is asked for and a non-blocking socket has nothing;
   *   {@link UnsupportedOperation} (EBADF) if the file is not open for reading; RangeError (`ERR_INVALID_ARG_VALUE`)
   *   once it is closed, or for bytes that the encoding does not allow; TypeError (`ERR_INVALID_ARG_TYPE`) or
   *   RangeError (`ERR_OUT_OF_RANGE`) for a size that is no integer or is too large.
   *
   * Source: Python's `io.TextIOWrapper.read`
   */
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
    } while (left > 0 && this.receive(text));
    return text;
  }

  /**
   * Reads up to the end of the line, by the file's `newline`, and that too.
   *
   * @param size - At most how many characters, 0 or more; less, null or nothing for no limit.
   * @returns The line; without its end at the limit, at the end of the stream, or where a non-blocking socket has no
   *   more; empty if there is nothing.
   * @throws As {@link read}, but no {@link BlockingIOError}.
   *
   * Source: Python's `io.TextIOWrapper.readline`
   */
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
    } while (left > 0 && this.receive(line));
    return left > 0 ? line + this.take(this.text.length) : line;
  }

  /**
   * Writes text into the buffer, which is sent when it is full, or after a line if the file is buffered by lines.
   *
   * @param text - Any string; `newline` tells what each `\n` is sent as.
   * @returns How many characters `text` has, all of which were written.
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError}; {@link BlockingIOError} (EAGAIN) if the socket is
   *   non-blocking and not all fits, with the number of bytes taken as `charactersWritten`;
   *   {@link UnsupportedOperation} (EBADF) if the file is not open for writing; TypeError (`ERR_INVALID_ARG_TYPE`) if
   *   `text` is no string; RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed, or for characters that the
   *   encoding does not have.
   *
   * Source: Python's `io.TextIOWrapper.write`
   */
  override write(text: string): number {
    if (typeof text !== 'string') throw wrongType('text', 'a string', text);
    if (!this.writable()) throw notOpenFor('write');
    this.buffer.write(encode(this.newlines.send(text), this.codec, this.errors));
    if (this.lineBuffering && /[\r\n]/.test(text)) this.flush();
    return countCharacters(text);
  }

  /**
   * Sends what waits in the buffer; nothing for a file that is open only for reading.
   *
   * @throws {@link OSError}, such as EPIPE; {@link TimeoutError} or, if the socket is non-blocking,
   *   {@link BlockingIOError} (EAGAIN): what was not sent stays in the buffer; RangeError (`ERR_INVALID_ARG_VALUE`)
   *   once the file is closed.
   *
   * Source: Python's `io.TextIOWrapper.flush`
   */
  override flush(): void {
    this.buffer.flush();
  }

  /**
   * Sends what waits in the buffer, and closes the file; a second time does nothing.
   *
   * @throws As {@link flush}, and the file is closed even so; {@link OSError} if the socket is closed too, this was its
   *   last file, and close(2) fails.
   *
   * Source: Python's `io.TextIOWrapper.close`
   */
  close(): void {
    this.buffer.close();
  }

  protected override lengthOf(line: string): number {
    return countCharacters(line);
  }

  private checkReadable(): void {
    if (!this.readable()) throw notOpenFor('read');
  }

  private readall(): string {
    const rest = this.buffer.read();
    if (rest === undefined) throw new BlockingIOError(native.errnos.EAGAIN as number, { syscall: 'read' });
    const text = this.newlines.receive(this.decoder.decode(rest, true), true);
    return this.take(this.text.length) + text;
  }

  /** Adds what one receive brings to the text; false at the end of the stream. If a signal ends it, `taken` is given back. */
  private receive(taken: string): boolean {
    let chunk: Buffer;
    try {
      chunk = (this.buffer as BufferedReader).read1(CHUNK_SIZE);
    } catch (error) {
      if (error instanceof InterruptedError) {
        this.text = taken + this.text.slice(this.position);
        this.position = 0;
      }
      throw error;
    }
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
