/** What is made of something that was opened; if that fails, it is closed. */
export function closeOnFailure<O extends { close(): void }, T>(opened: O, make: (opened: O) => T): T {
  try {
    return make(opened);
  } catch (error) {
    opened.close();
    throw error;
  }
}
