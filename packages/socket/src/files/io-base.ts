import { integer } from '@bsd-sockets/core-native';
import { FileBase } from './file-base';
import { notOpenFor } from './unsupported-operation';

/** A number of bytes or characters: null, undefined or less than 0 for as many as there are. */
export type Size = number | null | undefined;

/** A {@link Size} as an integer. */
export function sizeOf(size: Size): number {
  return size === null || size === undefined ? -1 : integer('size', size, -(2 ** 53), 2 ** 53);
}

/** The error of a call on a file that was separated from the one under it. */
export function detachedError(): RangeError {
  return Object.assign(new RangeError('the file under this one was detached'), { code: 'ERR_INVALID_ARG_VALUE' });
}

/**
 * What all files of a socket can do, text files with strings and binary ones with bytes.
 *
 * @typeParam Line - What reading returns.
 * @typeParam Data - What writing takes.
 *
 * Source: Python's `io.IOBase`
 */
export abstract class IOBase<Line extends string | Buffer, Data>
  extends FileBase
  implements Iterable<Line>, Disposable
{
  /**
   * The descriptor.
   *
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   */
  abstract fileno(): number;

  /**
   * Whether the file can be read.
   *
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   */
  abstract readable(): boolean;

  /**
   * Whether the file can be written to.
   *
   * @throws RangeError (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   */
  abstract writable(): boolean;

  /**
   * Sends what is still to be sent, and closes the file; a second time does nothing. The descriptor is closed with the
   * last file if the socket is closed too.
   *
   * @throws {@link OSError} if that cannot be sent; the file is closed even so.
   */
  abstract close(): void;

  /**
   * Sends what was written and still waits in the buffer.
   *
   * @throws {@link OSError}; {@link TimeoutError}, after which it may be tried again; {@link BlockingIOError}; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) once the file is closed.
   */
  flush(): void {
    this.checkOpen();
  }

  /**
   * Reads.
   *
   * @param size - How many bytes or characters; all up to the end by default.
   * @returns What was read: less at the end of the stream, nothing after it. A binary file of a non-blocking socket
   *   returns what there is, or undefined.
   * @throws {@link OSError}; {@link TimeoutError}, after which the file cannot be read any more: what had arrived is
   *   lost, as in Python; {@link UnsupportedOperation} if the file is not open for reading; RangeError
   *   (`ERR_INVALID_ARG_VALUE`) once it is closed, or for bytes that the encoding does not allow.
   */
  read(_size?: Size): Line | undefined {
    throw notOpenFor('read');
  }

  /**
   * Reads a line.
   *
   * @param size - At most how many bytes or characters; as many as the line has by default.
   * @returns The line with its end, which may be missing of the last one; nothing at the end of the stream.
   * @throws As {@link read}.
   */
  readline(_size?: Size): Line {
    throw notOpenFor('read');
  }

  /**
   * Reads lines up to the end.
   *
   * @param hint - Stop after the line with which they are more bytes or characters than this; 0 or less for no limit.
   * @throws As {@link read}.
   */
  readlines(hint?: Size): Line[] {
    const most = sizeOf(hint);
    const lines: Line[] = [];
    let length = 0;
    for (const line of this) {
      lines.push(line);
      length += this.lengthOf(line);
      if (most > 0 && length > most) break;
    }
    return lines;
  }

  /** The lines that are still to be read, each with its end. To leave the loop early does not close the file. */
  *[Symbol.iterator](): IterableIterator<Line> {
    for (let line = this.readline(); line.length > 0; line = this.readline()) yield line;
  }

  /**
   * Writes into the buffer, which is sent when it is full, and by {@link flush} and {@link close}.
   *
   * @returns How many bytes or characters were written: all, but for an unbuffered file, which may send fewer, and on a
   *   non-blocking socket undefined for none.
   * @throws {@link OSError}; {@link TimeoutError}; {@link BlockingIOError} with `charactersWritten`, the bytes that the
   *   buffer of a non-blocking socket's file could take; {@link UnsupportedOperation} if the file is not open for
   *   writing; TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_INVALID_ARG_VALUE`) once it is closed, or for
   *   characters that the encoding does not have.
   */
  write(_data: Data): number | undefined {
    throw notOpenFor('write');
  }

  /**
   * Writes each of the lines, which carry their own ends.
   *
   * @throws As {@link write}.
   */
  writelines(lines: Iterable<Data>): void {
    this.checkOpen();
    for (const line of lines) this.write(line);
  }

  /** Closes the file at the end of its `using` scope. */
  [Symbol.dispose](): void {
    this.close();
  }

  protected lengthOf(line: Line): number {
    return line.length;
  }
}
