/** A generator of numbers from 0 to 2 ** 32 - 1 that gives the same ones for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

export function randomBytes(random: () => number, most: number): Buffer {
  return Buffer.from(Array.from({ length: random() % (most + 1) }, () => random() & 0xff));
}

/** What comes of `call`: nothing, or an EBADMSG; everything else is thrown. */
export function orMalformed(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if ((error as { code?: string }).code !== 'EBADMSG') throw error;
  }
}
