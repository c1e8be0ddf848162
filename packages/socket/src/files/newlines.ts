import { wrongType, wrongValue } from '@bsd-sockets/core-native';

const choices = ['', '\n', '\r', '\r\n'] as const;

/**
 * How lines end. Reading: null takes `\n`, `\r` and `\r\n`, and returns `\n` for each; `''` takes the same, and returns
 * them as they are; each of the others takes only itself. Writing: `\r` and `\r\n` are sent for each `\n`.
 *
 * Source: the parameter `newline` of Python's `open`
 */
export type Newline = (typeof choices)[number] | null | undefined;

/** Returns `newline` if it is one. */
export function newlineOf(newline: unknown): Newline {
  if (newline === null || newline === undefined) return null;
  const expected = "'', '\\n', '\\r', '\\r\\n' or null";
  if (typeof newline !== 'string') throw wrongType('newline', expected, newline);
  if (!choices.includes(newline as '')) throw wrongValue('newline', expected, newline);
  return newline as Newline;
}

/** The lines of a text that comes in pieces, one of which may end between a `\r` and its `\n`. */
export class Newlines {
  private readonly newline: Newline;
  private held = '';

  constructor(newline: Newline) {
    this.newline = newline;
  }

  /** The text that can be read now; a `\r` at its end waits for the next piece unless this is the last one. */
  receive(piece: string, last: boolean): string {
    if (this.newline) return piece;
    let text = piece;
    if (text !== '' || last) {
      text = this.held + text;
      this.held = !last && text.endsWith('\r') ? '\r' : '';
      text = text.slice(0, text.length - this.held.length);
    }
    return this.newline === null ? text.replace(/\r\n?/g, '\n') : text;
  }

  /** The end of the line that begins at `start`, or -1. */
  lineEnd(text: string, start: number): number {
    if (this.newline === '') {
      const newline = /\r\n?|\n/g;
      newline.lastIndex = start;
      return newline.test(text) ? newline.lastIndex : -1;
    }
    const newline = this.newline ?? '\n';
    const index = text.indexOf(newline, start);
    return index < 0 ? -1 : index + newline.length;
  }

  /** Where the text from `start` on ends, but for what may be the first half of a newline. */
  certainEnd(text: string, start: number): number {
    const halved = this.newline === '\r\n' && text.endsWith('\r') && text.length > start;
    return halved ? text.length - 1 : text.length;
  }

  /** A text as it is sent. */
  send(text: string): string {
    return this.newline === '\r' || this.newline === '\r\n' ? text.replaceAll('\n', this.newline) : text;
  }
}
