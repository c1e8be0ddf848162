/**
 * Calls a listener. What it throws is an uncaught exception, as of any event, and does not end what its caller does.
 *
 * @param listener - Takes no arguments; what it returns is not looked at.
 */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
