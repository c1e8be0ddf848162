// Checks the layout of the C and C++ sources, or with --write mends it.
import { execFileSync, spawnSync } from 'node:child_process';

const listing = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.cc', '*.h', '*.c'], {
  encoding: 'utf8',
});
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '--Werror'];
const { status } = spawnSync('clang-format', [...mode, ...listing.trim().split('\n')], { stdio: 'inherit' });
process.exitCode = status ?? 1;
