/** What a file leaves behind. */
export interface Left {
  readonly socket: { release(): void };
  /** How many bytes were written to the file and not sent. */
  unsent: number;
}

/** A file that is collected lets go of its socket, and warns if what was written to it is lost. */
export const unclosed = new FinalizationRegistry<Left>(({ socket, unsent }) => {
  try {
    if (unsent > 0) process.emitWarning(`unclosed file: ${unsent} bytes written to it are lost`, 'ResourceWarning');
    socket.release();
  } catch {
    // Nobody is left to hear of it, and the descriptor is gone all the same.
  }
});
