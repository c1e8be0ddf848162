import { inspect } from 'node:util';
import { unsupported } from './unsupported-operation';

/** The error of a call on a closed file. */
export function closedError(): RangeError {
  return Object.assign(new RangeError('the file is closed'), { code: 'ERR_INVALID_ARG_VALUE' });
}

/**
 * What the files of both faces have in common: no position, and how they are shown.
 *
 * Source: Python's `io.IOBase`
 */
export abstract class FileBase {
  /** Whether the file is closed. */
  abstract readonly closed: boolean;

  /** The mode that it was opened with; that of a binary file without a letter more than `rwb`. */
  abstract readonly mode: string;

  /** The descriptor, or -1 once the file is closed. */
  abstract readonly name: number;

  /**
   * Tells whether the file has a position: no file of a socket has.
   *
   * @returns false.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.seekable`
   */
  seekable(): boolean {
    this.checkOpen();
    return false;
  }

  /**
   * Tells whether the file is a terminal: no file of a socket is.
   *
   * @returns false.
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.isatty`
   */
  isatty(): boolean {
    this.checkOpen();
    return false;
  }

  /**
   * Tells the position in the file, which a file of a socket has not.
   *
   * @throws {@link UnsupportedOperation} (ESPIPE); RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.tell`
   */
  tell(): never {
    this.checkOpen();
    throw unsupported('ESPIPE', 'tell');
  }

  /**
   * Moves to a position in the file, which a file of a socket has not.
   *
   * @param offset - Where to.
   * @throws {@link UnsupportedOperation} (ESPIPE); RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.seek`
   */
  seek(_offset: number): never {
    this.checkOpen();
    throw unsupported('ESPIPE', 'seek');
  }

  /**
   * Cuts the file off, which no file of a socket allows.
   *
   * @param size - The length that it should have.
   * @throws {@link UnsupportedOperation} (EINVAL); RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   *
   * Source: Python's `io.IOBase.truncate`
   */
  truncate(_size?: number): never {
    this.checkOpen();
    throw unsupported('EINVAL', 'truncate');
  }

  /**
   * The file as text.
   *
   * @returns What Python's `repr` says of it, such as `<BufferedReader name=3 mode='rb'>`.
   *
   * Source: Python's `repr`
   */
  toString(): string {
    const { closed, name, mode, encoding }: FileBase & { encoding?: string } = this;
    const text = encoding === undefined ? '' : ` encoding='${encoding}'`;
    return `<${this.constructor.name} ${closed ? '[closed] ' : ''}name=${name} mode='${mode}'${text}>`;
  }

  /**
   * What JSON has of a file: nothing but its text.
   *
   * @returns The same as {@link toString}.
   *
   * Source: JSON.stringify
   */
  toJSON(): string {
    return this.toString();
  }

  /** What `console.log` prints: the same. */
  [inspect.custom](): string {
    return this.toString();
  }

  protected checkOpen(): void {
    if (this.closed) throw closedError();
  }
}
