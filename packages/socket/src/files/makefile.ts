import { int32, type KnownKeys, optionsOf, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { BufferedReader } from './buffered-reader';
import { BufferedRWPair } from './buffered-rw-pair';
import { BufferedWriter } from './buffered-writer';
import { type FileSocket, SocketIO } from './socket-io';
import { TEXT_OPTIONS, TextIOWrapper, type TextOptions } from './text-io-wrapper';

/** The modes of text files. */
export type TextMode = '' | 'r' | 'w' | 'rw' | 'wr';
type ReadMode = 'b' | 'rb' | 'br';
type WriteMode = 'wb' | 'bw';
type PairMode = 'rwb' | 'rbw' | 'wrb' | 'wbr' | 'brw' | 'bwr';

/** `r` (also where neither it nor `w` is there), `w`, `b` and their combinations: reading, writing, bytes. */
export type FileMode = TextMode | ReadMode | WriteMode | PairMode;

/** The size of the buffer in bytes; 1: text is sent line by line; 0: no buffer; less, or null: 8192. */
export type Buffering = number | null | undefined;

/**
 * How `makefile` opens a file: its buffer, and how its text goes into bytes.
 *
 * @typeParam B - The type of `buffering`; 0 in it makes a file without a buffer.
 *
 * Source: Python's `socket.makefile`
 */
export interface FileOptions<B extends Buffering = Buffering> extends TextOptions {
  /** The size of the buffer. */
  buffering?: B;
}

const FILE_OPTIONS: KnownKeys<FileOptions> = { ...TEXT_OPTIONS, buffering: true };

/** What the parameters of `makefile` say: the second may be an object with them. */
export function fileOptionsOf(second: Buffering | FileOptions, third: TextOptions | null | undefined): FileOptions {
  if (typeof second === 'object' && second !== null) return optionsOf<FileOptions>(second, FILE_OPTIONS);
  return { ...optionsOf<TextOptions>(third, TEXT_OPTIONS), buffering: second };
}

type Buffered<M extends FileMode> = M extends TextMode
  ? TextIOWrapper
  : M extends ReadMode
    ? BufferedReader
    : M extends WriteMode
      ? BufferedWriter
      : BufferedRWPair;

/** What `makefile` returns for a mode and a buffering. */
export type FileOf<M extends FileMode, B extends Buffering> = M extends TextMode
  ? TextIOWrapper
  : B extends 0
    ? SocketIO
    : 0 extends B
      ? SocketIO | Buffered<M>
      : Buffered<M>;

const DEFAULT_SIZE = 8192;

/** What the parameters of `makefile` ask for. */
export interface FileForm {
  readonly text: boolean;
  readonly reading: boolean;
  readonly writing: boolean;
  /** The size of the buffer in bytes; 0 for none. */
  readonly size: number;
  readonly lineBuffering: boolean;
}

/** The form of a file with such a mode and buffering. */
export function formOf(mode: unknown, buffering: Buffering): FileForm {
  const expected = "'r', 'w', 'b' or a combination of them";
  if (typeof mode !== 'string') throw wrongType('mode', expected, mode);
  if (/[^rwb]/.test(mode)) throw wrongValue('mode', expected, mode);
  const text = !mode.includes('b');
  const writing = mode.includes('w');
  const reading = mode.includes('r') || !writing;
  const size = int32('buffering', buffering ?? -1);
  if (size === 0 && text) throw wrongValue('buffering', 'a buffer for a text file', buffering);
  const lineBuffering = text && size === 1;
  return { text, reading, writing, size: size < 0 || lineBuffering ? DEFAULT_SIZE : size, lineBuffering };
}

/** See `socket.makefile`. */
export function makefile(
  socket: FileSocket,
  mode: string,
  buffering: Buffering,
  options: TextOptions,
): SocketIO | Buffered<FileMode> {
  const { text, reading, writing, size, lineBuffering } = formOf(mode, buffering);
  const raw = new SocketIO(socket, `${reading ? 'r' : ''}${writing ? 'w' : ''}` as 'r' | 'w' | 'rw');
  try {
    if (size === 0) return raw;
    const Buffered = !writing ? BufferedReader : reading ? BufferedRWPair : BufferedWriter;
    const buffer = new Buffered(raw, size);
    return text ? new TextIOWrapper(buffer, mode, lineBuffering, options) : buffer;
  } catch (error) {
    raw.close();
    throw error;
  }
}
