// Before each test file: what a file before it in this process has left open is closed now, not while a test counts descriptors.
import { setTimeout as pause } from 'node:timers/promises';

if (globalThis.gc !== undefined) {
  // A socket is registered for its end when the turn that made it is over, and closed some time after it was collected.
  await pause(1);
  globalThis.gc();
  await pause(1);
}
