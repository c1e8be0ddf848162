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
