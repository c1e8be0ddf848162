/** Calls a listener. What it throws is an exception, as of any event, and does not end what its caller does. */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
