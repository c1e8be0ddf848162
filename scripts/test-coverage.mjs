// Before each test file while coverage is counted: the processes of the tests are killed at their end, and would write no counts.
import { stopCoverage, takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

afterAll(takeCoverage);
if (process.listenerCount('SIGTERM') === 0) {
  process.on('SIGTERM', () => {
    // There is half a second, which is enough for the counts of C++.
    stopCoverage();
    process.exit();
  });
}
