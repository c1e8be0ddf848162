// Checks the layout of the C++ sources, or with --write mends it.
import { execFileSync } from 'node:child_process';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.cc', '*.h', '*.c'], {
  encoding: 'utf8',
});
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '--Werror'];
execFileSync('clang-format', [...mode, ...files.trim().split('\n')], { stdio: 'inherit' });
