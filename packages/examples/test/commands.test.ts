import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from '@bsd-sockets/family-testkit';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*README.md', 'docs/*.md'], {
  cwd: root,
  encoding: 'utf8',
});

/** The commands in a page's `sh` blocks, without their comments. */
function commandsOf(page: string): string[] {
  const blocks = Array.from(textOf(page).matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, block]) => block!);
  return blocks.flatMap((block) => block.split('\n').map((line) => line.replace(/\s+#.*/, '').trim())).filter(Boolean);
}

interface Run {
  /** What to put behind it, so that it takes less. */
  less?: string;
  prints: RegExp;
  missing?: string;
}

const strace = program('strace', 'strace');
const qemu = program(process.arch === 'arm64' ? 'qemu-aarch64' : 'qemu-x86_64', 'qemu-user');

const runHere: Record<string, Run> = {
  'npx @bsd-sockets/socket': { prints: /^AF_UNIX +SOCK_STREAM +yes$/m },
  'node --expose-gc bench/memory-growth.mjs': { less: '2000', prints: /^memory has not grown$/m },
  'node bench/counts.mjs syscalls --case pingpong-unix-64': {
    prints: /^pingpong-unix-64, c: 2\.\d\d \(|this machine cannot count syscalls/m,
    missing: strace.reason,
  },
  'node bench/counts.mjs instructions --case pingpong-unix-64': {
    prints: /^pingpong-unix-64, c: \d\d+$/m,
    missing: qemu.reason,
  },
};

/** By which words of which file the others are run: in CI, or by a test with what they need around them. */
const runElsewhere: [command: RegExp, file: string, words: RegExp][] = [
  [/^npm init -y$/, 'packages/examples/test/packed.test.ts', /'npm', 'init', '-y'/],
  [
    /^npm install (--save-dev )?@bsd-sockets\/[\w-]+( @bsd-sockets\/socket)?$/,
    'scripts/release-check.mjs',
    /run\('npm', \['install'/,
  ],
  [/^npx @bsd-sockets\/core-native build$/, 'packages/core-native/test/binaries.test.ts', /'build\.mjs', \['build'\]/],
  [
    /^npm install --save-dev cmake-js@\S+ node-addon-api@\S+ node-api-headers@\S+$/,
    'packages/core-native/test/binaries.test.ts',
    /npm install --save-dev/,
  ],
  [/^npx -y pnpm@\S+ binaries$/, 'package.json', /"test:binaries": "pnpm run binaries && /],
  [
    /^(npx -y pnpm@\S+ test:runtimes|node scripts\/runtimes\.mjs)( (node|bun|deno)\S*)*( -- \S+)?$/,
    '.github/workflows/ci.yml',
    /pnpm@\S+ test:runtimes/,
  ],
  [/^npx -y pnpm@\S+ run test:windows$|^node windows\/test\.mjs /, '.ci/run', / node windows\/test\.mjs /],
  [/^npx -y pnpm@\S+ test:faults$/, '.ci/run', / test:faults /],
  [/^npx -y pnpm@\S+ test:engines$/, '.ci/run', / test:engines /],
  [/^npx -y pnpm@\S+ test:thread$/, '.ci/run', / test:thread /],
  [
    /^node faults\/(run\.mjs( \w+)*|programs\/random\.mjs \d+)$/,
    'package.json',
    /"test:faults": .* node faults\/run\.mjs"/,
  ],
  [
    /^(NODE_OPTIONS=\S+ )?npx (asar|esbuild|eslint|jest|ncc|next|postject|rolldown|rollup|rspack|tsup|vite|webpack) |^node (ask|trace|((dist|out|traced)\/)?(out|program|index))\.[cm]?js$|^bun build |^node --(build-sea|experimental-permission|experimental-sea-config) |^yarn (install$|node )|^BSD_SOCKETS_ADDON=app\.asar\S+ node program\.mjs$|^cp .* app$|^\.\/app$/,
    'tools/run.mjs',
    /textOf\('docs\/bundling\.md'\)/,
  ],
  [/^npx -y pnpm@\S+ build$/, 'package.json', /"test": "turbo run build /],
  [/^npx -y pnpm@\S+ demo$/, 'packages/examples/test/demo.test.ts', /example\('demo'\)/],
  [/^npx -y pnpm@\S+ test$/, '.ci/run', /for command in test /],
  [/^npx -y pnpm@\S+ run test:tools$|^node tools\/run\.mjs /, '.ci/run', / test:tools /],
  [/^npx -y pnpm@\S+ run test:clients$|^node clients\/run\.mjs /, '.ci/run', / test:clients /],
  [/^pnpm (run )?docs(:check)?$/, 'package.json', /"docs:check": "pnpm run docs && /],
  [
    /^(pnpm bench|node bench\/run\.mjs)( --(case [\w-]+|check|before \S+|json \S+|list|quick|rounds \d+))*$/,
    'bench/test/run.test.ts',
    /bench\(\['--list'\]\)/,
  ],
  [/^node bench\/(growth|pictures)\.mjs( (--json )?\w+\.json)+$/, 'bench/test/growth.test.ts', /'pictures\.mjs'/],
  [/^node packages\/examples\/dist\/ping\.js localhost$/, 'packages/examples/test/ping.test.ts', /'ping'/],
  [
    /^systemd-socket-activate .* node packages\/examples\/dist\/activated-server\.js$/,
    'packages/examples/test/activated-server.test.ts',
    /'systemd-socket-activate'/,
  ],
  [/^btvirt -l2$/, 'packages/families/bluetooth/test/rfcomm.lab.test.ts', /'btvirt', '-l2'/],
  [
    /^ip link add dev vcan0 type vcan && ip link set up vcan0$/,
    'packages/families/can/README.md',
    /setup: ip link add dev vcan0 type vcan && ip link set up vcan0/,
  ],
  // The lab's kernel has built in what these load.
  [/^modprobe qrtr$/, 'lab/kernel.config', /^CONFIG_QRTR=y$/m],
  [/^modprobe rds_tcp$/, 'lab/kernel.config', /^CONFIG_RDS_TCP=y$/m],
  [/^modprobe tipc$/, 'lab/kernel.config', /^CONFIG_TIPC=y$/m],
];

const commands = new Set(pages.trim().split('\n').flatMap(commandsOf));

describe('the commands of the pages', () => {
  test('are all run somewhere: say here where', () => {
    const unknown = [...commands].filter(
      (command) => !runHere[command] && !runElsewhere.some(([pattern]) => pattern.test(command)),
    );
    expect(unknown).toEqual([]);
  });

  test('are still there', () => {
    expect(Object.keys(runHere).filter((command) => !commands.has(command))).toEqual([]);
  });

  test.each(runElsewhere)('%s is run by %s', (_, file, words) => {
    expect(textOf(file)).toMatch(words);
  });

  test('name files that exist', () => {
    const paths = [...commands].flatMap(
      (command) => command.match(/\b(bench|clients|faults|lab|packages|scripts|tools)\/\S+/g) ?? [],
    );
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  for (const [command, { less = '', prints, missing = '' }] of Object.entries(runHere)) {
    test.skipIf(missing)(`${command} ${missing}`, { timeout: 120_000 }, () => {
      const { stdout, stderr } = spawnSync('sh', ['-c', `${command} ${less}`], { cwd: root, encoding: 'utf8' });
      expect(`${stdout}${stderr}`).toMatch(prints);
    });
  }
});
