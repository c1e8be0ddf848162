// Ends a test run with one line that a script can read: `N passed, N failed`.
// With BSD_SOCKETS_RETRY the files in which something failed are run once more, in processes that ran nothing else: what passes
// then is told as `Flaky: …` before that line.
// BSD_SOCKETS_SKIPPED names a file that gets the paths of the test files of which something was skipped, a line each.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const { BSD_SOCKETS_RETRY: retry, BSD_SOCKETS_SKIPPED: skips, ...env } = process.env;

export default class CountReporter {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const failed = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      const isSkipped = module.children.allTests('skipped').next().done === false;
      if (isSkipped && skips !== undefined) appendFileSync(skips, `${module.relativeModuleId}\n`);
      // A file that cannot be loaded has no tests to fail.
      counts.failed += module.errors().length;
      if (!module.ok()) failed.push(module);
    }
    const lines = [];
    if (retry && failed.length > 0 && errors.length === 0 && passAtSecondTry(failed)) {
      for (const module of failed) {
        for (const { fullName } of module.children.allTests('failed')) {
          lines.push(`Flaky: ${module.relativeModuleId} > ${fullName}`);
        }
      }
      counts.passed += counts.failed;
      counts.failed = 0;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    lines.push(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
    process.on('exit', () => {
      console.log(lines.join('\n'));
      if (counts.failed === 0 && failed.length > 0) process.exitCode = 0;
    });
  }
}

function passAtSecondTry(modules) {
  const files = new Set(modules.map(({ moduleId }) => moduleId));
  // Deno does not tell its flags.
  const flags = process.versions.deno ? ['run', '--allow-all'] : process.execArgv;
  // The count is for the first run to tell.
  const args = [...flags, process.argv[1], 'run', '--reporter=default', ...files];
  console.log('Once more what has failed:');
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status === 0;
}
