// Ends a test run with one line that a script can read: `N passed, N failed`. Before it stands what passed at a later try only.
// BSD_SOCKETS_SKIPPED names a file that gets the paths of the test files of which something was skipped, a line each.
import { appendFileSync } from 'node:fs';

export default class CountReporter {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const flaky = [];
    const { BSD_SOCKETS_SKIPPED: skips } = process.env;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        counts[test.result().state] += 1;
        if (test.diagnostic()?.flaky) flaky.push(`Flaky: ${module.relativeModuleId} > ${test.fullName}`);
      }
      const isSkipped = module.children.allTests('skipped').next().done === false;
      if (isSkipped && skips !== undefined) appendFileSync(skips, `${module.relativeModuleId}\n`);
      // A file that cannot be loaded has no tests to fail.
      counts.failed += module.errors().length;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    const lines = [...flaky, `${counts.passed} passed, ${counts.failed} failed${skipped}`];
    process.on('exit', () => console.log(lines.join('\n')));
  }
}
