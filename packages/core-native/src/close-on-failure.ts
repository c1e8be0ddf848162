/**
 * Makes something of what was opened, such as a socket, and closes that if it fails.
 *
 * @param opened - Is closed if `make` throws.
 * @param make - Is called at once, with it.
 * @returns What `make` returns.
 * @throws What `make` throws.
 */
export function closeOnFailure<O extends { close(): void }, T>(opened: O, make: (opened: O) => T): T {
  try {
    return make(opened);
  } catch (error) {
    opened.close();
    throw error;
  }
}
