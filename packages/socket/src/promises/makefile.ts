import type { FileMode, FileOptions, TextMode } from '../files/makefile';
import { formOf } from '../files/makefile';
import { BinaryFile } from './binary-file';
import type { FileHost } from './socket-file';
import { TextFile } from './text-file';

/** What `makefile` returns for a mode. */
export type FileOf<M extends FileMode> = M extends TextMode ? TextFile : BinaryFile;

/** See `socket.makefile`. */
export function makefile(host: FileHost, mode: string, options: FileOptions): TextFile | BinaryFile {
  const form = formOf(mode, options.buffering);
  return form.text ? new TextFile(host, form, mode, options) : new BinaryFile(host, form);
}
