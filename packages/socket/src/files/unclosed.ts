/** A file that is collected lets go of its socket. */
export const unclosed = new FinalizationRegistry<{ release(): void }>((socket) => {
  try {
    socket.release();
  } catch {
    // Nobody is left to hear of it, and the descriptor is gone all the same.
  }
});
