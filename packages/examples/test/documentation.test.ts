import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capability, program as installed } from '@bsd-sockets/family-testkit';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { start } from './process';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' });

interface Documented {
  code: string;
  /** The program in Python that stands before it, and prints the same. */
  python: string | undefined;
  /** What the page says that it prints. */
  output: string | undefined;
  /** The row of `probe` that it needs, as `AF_CAN SOCK_RAW CAN_RAW`. */
  needs: string | undefined;
  /** Commands of the shell to run before it. */
  setup: string | undefined;
}

function programs(page: string): Documented[] {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(
    /(?:^```python\n([\s\S]*?)^```\n\n)?(?:^<!-- needs: ([^;\n]*?)(?:; setup: (.*))? -->\n)?^```js\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm,
  );
  const programs = Array.from(blocks, ([, python, needs, setup, code, output]) => {
    return { code: code!, python, output, needs, setup };
  });
  // The lab is slow, and the others have run outside.
  return process.env.BSD_SOCKETS_LAB ? programs.filter(({ needs }) => needs !== undefined) : programs;
}

/** Why a program cannot run here, for its title. */
function missing({ needs, setup }: Documented): string {
  if (needs === undefined) return '';
  const { reason } = capability(...(needs.split(' ') as [string, string, string?]));
  // What a setup changes outlives the test, and may be in use.
  return reason || !setup || process.env.BSD_SOCKETS_LAB ? reason : '(its setup is only for the kernel lab)';
}

const python3 = installed('python3', 'python3');
const done = new Set<string>();

function setUp(commands: string): void {
  if (done.has(commands)) return;
  done.add(commands);
  execFileSync('sh', ['-ec', commands]);
}

const documented = pages
  .trim()
  .split('\n')
  .filter((page) => programs(page).length > 0);

test.skipIf(without('outside of the lab'))('the pages have programs (outside of the lab)', () => {
  expect(documented).toContain('README.md');
});

test('each mark of what a program needs stands right before one', () => {
  for (const page of documented) {
    const marks = readFileSync(join(root, page), 'utf8').match(/^<!-- needs: /gm)?.length ?? 0;
    expect([page, programs(page).filter(({ needs }) => needs !== undefined).length]).toEqual([page, marks]);
  }
});

describe.each(documented)('%s', (page) => {
  for (const [index, program] of programs(page).entries()) {
    const reason = missing(program);
    test.skipIf(reason)(`program ${index + 1} ${reason}`, async () => {
      if (program.setup) setUp(program.setup);
      const lines = await start([process.execPath, '--input-type=module', '--eval', program.code]).finish();
      if (program.output !== undefined) expect(`${lines.join('\n')}\n`).toBe(program.output);
    });
    if (program.python === undefined) continue;
    test.skipIf(!python3.available)(`program ${index + 1} in Python prints the same ${python3.reason}`, async () => {
      const lines = await start(['python3', '-c', program.python!]).finish();
      expect(`${lines.join('\n')}\n`).toBe(program.output);
    });
  }
});

test.skipIf(without('outside of the lab'))(
  'each block of TypeScript compiles (outside of the lab)',
  { timeout: 120_000 },
  () => {
    const blocks = new Map<string, string>();
    for (const page of pages.trim().split('\n')) {
      for (const [index, [, code]] of [
        ...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm),
      ].entries()) {
        // Their packages are found from here.
        blocks.set(join(root, `packages/examples/${page.replaceAll('/', '-')}.${index + 1}.ts`), code!);
      }
    }
    expect(blocks.size).toBeGreaterThan(0);
    const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
    Object.assign(options, { noEmit: true, declaration: false, noUnusedLocals: false, types: ['node'] });
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (path, language, ...rest) => {
      const code = blocks.get(path);
      return code === undefined ? getSourceFile(path, language, ...rest) : ts.createSourceFile(path, code, language);
    };
    const program = ts.createProgram([...blocks.keys()], options, host);
    expect(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host)).toBe('');
  },
);
