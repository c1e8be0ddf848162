// After each test file: a socket that a test has left open fails it. It would be closed whenever it is collected, and that may be
// while another test counts descriptors.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';

if (globalThis.gc !== undefined) {
  const unclosed = [];
  const onWarning = ({ name, message }) => {
    if (name === 'ResourceWarning' && message.startsWith('unclosed <')) unclosed.push(message);
  };
  process.on('warning', onWarning);
  afterAll(async () => {
    // A socket is registered for its end when the turn that made it is over, and closed some time after it was collected.
    await pause(1);
    globalThis.gc();
    await pause(1);
    process.off('warning', onWarning);
    if (unclosed.length > 0) throw new Error(`tests have to close their sockets: ${unclosed.join(', ')}`);
  });
}
