const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

/** How many characters a text has: a surrogate pair is one. */
export function countCharacters(text: string): number {
  return text.length - (text.match(PAIRS)?.length ?? 0);
}

/** The index `count` characters after `start`, or the end of the text. */
export function skipCharacters(text: string, start: number, count: number): number {
  if (count >= text.length - start) return text.length;
  let index = start;
  for (let left = count; left > 0 && index < text.length; left--) {
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  }
  return index;
}
