const settled = Promise.resolve();

/**
 * A promise that rejects with an error of ours, whose frames are those of the functions that await it: `at async …`.
 *
 * @param error - The error; its frames so far, of the event loop, are lost.
 */
export function rejection(error: Error): Promise<never> {
  const rethrow = () => {
    Error.captureStackTrace(error, rethrow);
    throw error;
  };
  // V8 finds them by the promise that waits for this one, which it does after a first turn of the microtasks.
  return settled.then().then(rethrow);
}
