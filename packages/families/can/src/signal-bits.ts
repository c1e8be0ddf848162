/** Where the bits of a signal lie. */
export interface Bits {
  readonly start: number;
  readonly length: number;
  readonly isBig: boolean;
}

/** The value of a signal, as its bits are, which all kinds of numbers are read from and written to. */
export const word = new DataView(new ArrayBuffer(8));

/** The number of its least significant bit: where bits are numbered from the least significant of each byte on; of a big-endian
 * signal from the most significant on. */
function leastBit({ start, length, isBig }: Bits): number {
  return isBig ? (start ^ 7) + length - 1 : start;
}

/** How many bytes a signal needs to lie in. */
export function bytesNeeded(bits: Bits): number {
  const last = bits.isBig ? leastBit(bits) : bits.start + bits.length - 1;
  return (last >> 3) + 1;
}

/** Goes over the pieces of a signal that lie in one byte and in one half of the word, the least significant one first. */
function forEachPiece(bits: Bits, visit: (byte: number, shift: number, count: number, done: number) => void): void {
  let position = leastBit(bits);
  for (let done = 0; done < bits.length; ) {
    const shift = bits.isBig ? (position & 7) ^ 7 : position & 7;
    const count = Math.min(8 - shift, bits.length - done, done < 32 ? 32 - done : 64);
    visit(position >> 3, shift, count, done);
    done += count;
    position += bits.isBig ? -count : count;
  }
}

/** Reads the bits of a signal into the {@link word}; those above are 0. */
export function readBits(data: Uint8Array, bits: Bits): void {
  let [low, high] = [0, 0];
  forEachPiece(bits, (byte, shift, count, done) => {
    const piece = (data[byte]! >> shift) & (2 ** count - 1);
    if (done < 32) low |= piece << done;
    else high |= piece << (done - 32);
  });
  word.setInt32(0, high);
  word.setInt32(4, low);
}

/** Writes the lowest bits of the {@link word} to the place of a signal. */
export function writeBits(data: Uint8Array, bits: Bits): void {
  const [high, low] = [word.getInt32(0), word.getInt32(4)];
  forEachPiece(bits, (byte, shift, count, done) => {
    const mask = 2 ** count - 1;
    const piece = (done < 32 ? low >>> done : high >>> (done - 32)) & mask;
    data[byte] = (data[byte]! & ~(mask << shift)) | (piece << shift);
  });
}
