import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const { packageManager, scripts } = JSON.parse(text('package.json'));

/** What pnpm runs that is no script of ours: its own commands, and programs that packages bring. */
const others = ['exec', 'install', 'vitest'];
const filtered = /^--filter (\S+) run (\S+)/;

// The workflow, the templates, and all pages.
const patterns = ['.github/**', '.ci/run', '*.md'];
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...patterns], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => !path.startsWith('.changeset/') && text(path).includes('pnpm@'));

describe('the commands that are written down exist', () => {
  test('in the workflow, the guide and the front page, among others', () => {
    expect(files).toEqual(expect.arrayContaining(['.github/workflows/ci.yml', 'CONTRIBUTING.md', 'README.md']));
  });

  test.each(files)('in %s', (path) => {
    for (const [, version, rest] of text(path).matchAll(/npx -y (pnpm@\S+?)(?: (.*?))?(?=`|\n)/g)) {
      expect(version).toBe(packageManager);
      const [, name, script] = rest!.match(filtered) ?? [];
      if (name !== undefined) {
        const { scripts } = JSON.parse(text(`packages/${name.replace('@bsd-sockets/', '')}/package.json`));
        expect(Object.keys(scripts)).toContain(script);
      } else {
        const word = rest!.replace(/^run /, '').split(' ')[0]!;
        expect([...Object.keys(scripts), ...others, '"$command"']).toContain(word);
      }
    }
  });

  test('the workflow runs files that exist, and no script of its own', () => {
    const runs = [...text('.github/workflows/ci.yml').matchAll(/run: (.*)/g)].map(([, command]) => command!);
    const [setUp, ours] = [/^(apt-get|git (config|push)) /, /^(?:node )?(\S+\/\S+)$|^npx -y pnpm@/];
    for (const command of runs) {
      if (setUp.test(command)) continue;
      expect(command).toMatch(ours);
      const [, file] = command.match(ours)!;
      if (file !== undefined) expect([file, existsSync(join(root, file))]).toEqual([file, true]);
    }
    expect(runs).toContain('.ci/run');
  });
});
