import { type Abortable, rejecting, wrongType } from '@bsd-sockets/core-native';
import { countCharacters } from '../files/characters';
import { encode } from '../files/encode';
import { type Encoding, encodingOf } from '../files/encoding';
import type { FileForm } from '../files/makefile';
import { type Errors, errorsOf } from '../files/malformed';
import { Newlines, newlineOf } from '../files/newlines';
import type { TextOptions } from '../files/text-io-wrapper';
import { BinaryFile } from './binary-file';
import { ReceivedText } from './received';
import { type FileHost, SocketFile } from './socket-file';

/**
 * A text file of a socket for promises. Sizes are in characters, of which a surrogate pair is one.
 *
 * Source: Python's `io.TextIOWrapper`
 */
export class TextFile extends SocketFile<string, string> {
  /** Whether a line is sent as soon as it is written. */
  readonly lineBuffering: boolean;
  /** What becomes of bytes and characters that the encoding does not have. */
  readonly errors: Errors;
  protected override readonly received: ReceivedText;
  private readonly codec: Encoding;
  private readonly newlines: Newlines;

  /** @internal */
  constructor(host: FileHost, form: FileForm, mode: string, options: TextOptions) {
    const codec = encodingOf(options.encoding);
    const errors = errorsOf(options.errors);
    const newlines = new Newlines(newlineOf(options.newline));
    super(host, form, mode);
    this.lineBuffering = form.lineBuffering;
    this.errors = errors;
    this.codec = codec;
    this.newlines = newlines;
    this.received = new ReceivedText(codec, errors, newlines);
  }

  /** The name of the encoding. */
  get encoding(): string {
    return this.codec.name;
  }

  /**
   * Separates a binary file of this one, after sending what waits in the buffer. This one is closed then; what it had received
   * and nobody has read is lost, as in Python.
   *
   * @param options - `signal`: ends the wait.
   * @returns The binary file.
   * @throws As {@link flush}, and this file is closed even so.
   *
   * Source: Python's `io.TextIOBase.detach`
   */
  async detach(options?: Abortable): Promise<BinaryFile> {
    return this.handOver(new BinaryFile(this.host, { ...this.form, text: false }), options);
  }

  /**
   * Writes text into the buffer, which is sent when it is full, or after a line if the file is buffered by lines.
   *
   * @param text - Any string; `newline` tells what each `\n` is sent as.
   * @param options - `signal`: ends the wait.
   * @returns How many characters `text` has, all of which were written.
   * @throws As {@link SocketFile.write}; TypeError (`ERR_INVALID_ARG_TYPE`) if `text` is no string.
   *
   * Source: Python's `io.TextIOWrapper.write`
   */
  override write(text: string, options?: Abortable): Promise<number> {
    return rejecting(() => {
      if (typeof text !== 'string') throw wrongType('text', 'a string', text);
      this.checkWritable();
      const put = this.put(encode(this.newlines.send(text), this.codec, this.errors), options);
      const sent = this.lineBuffering && /[\r\n]/.test(text) ? put.then(() => this.flush(options)) : put;
      return sent.then(() => countCharacters(text));
    });
  }
}
