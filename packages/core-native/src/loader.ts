import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** `prebuilt`, `build`, or the one file to load. */
const OVERRIDE = 'BSD_SOCKETS_ADDON';

/** Whether this process runs on musl, as on Alpine: its program names the loader that started it. */
function onMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const head = Buffer.alloc(4096);
  try {
    const file = openSync(process.execPath, 'r');
    readSync(file, head, 0, head.length, 0);
    closeSync(file);
  } catch {
    // Without /proc there is no path of the program. Most systems have glibc.
  }
  return head.includes('/ld-musl-');
}

/** The folder of this platform in `prebuilds`. */
function platform(): string {
  return `${process.platform}-${process.arch}${onMusl() ? '-musl' : ''}`;
}

/**
 * Whether this code is where its package was installed. It is not in a bundle, which has taken it to another folder, or into an
 * ECMAScript module, where there is no `__dirname`.
 */
function isInstalled(): boolean {
  if (typeof __dirname === 'undefined') return false;
  try {
    const { name } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
    return name === '@bsd-sockets/core-native';
  } catch {
    return false;
  }
}

/** The places where the addon may be, best first. Tracers of files, as @vercel/nft, follow each `join` to the files. */
function candidates(installed: boolean): string[] {
  const override = process.env[OVERRIDE];
  if (override && override !== 'build' && override !== 'prebuilt') return [resolve(override)];
  if (!installed) return [];
  const built = [
    join(__dirname, '../build/Release/core_native.node'),
    join(__dirname, '../build/Debug/core_native.node'),
  ];
  const prebuilt = [join(__dirname, '../prebuilds', platform(), 'core_native.node')];
  if (!override) return [...built, ...prebuilt];
  return override === 'build' ? built : prebuilt;
}

/** What to know beside the words of the dynamic linker. */
function explanation(reason: string): string {
  const [, library, version] = reason.match(/version `(GLIBC|GLIBCXX)_([\d.]+)' not found/) ?? [];
  if (library === undefined) return '';
  const name = library === 'GLIBC' ? 'glibc' : "GCC's libstdc++";
  return `\n    The ${name} of this system is too old for this binary, which needs ${version}: build it here.`;
}

function tryLoad(path: string): { addon: unknown } | { reason: string } {
  if (!existsSync(path)) return { reason: 'no such file' };
  try {
    // Not with the `require` of a bundler.
    return { addon: createRequire(path)(path) };
  } catch (error) {
    const reason = (error as Error).message;
    return { reason: reason + explanation(reason) };
  }
}

/** The file that was loaded. */
export let addonPath: string | undefined;

const BUNDLED = `This code was bundled, and does not find the addon, a file in the folder of @bsd-sockets/core-native, from there.
Leave @bsd-sockets/* external, and install it beside the bundle:
  esbuild                             --external:@bsd-sockets/*
  rollup, rolldown, vite, tsup        external: [/^@bsd-sockets\\//]
  ncc                                 -e @bsd-sockets/socket, and so for each name that is imported
  webpack, rspack                     externals: [/^@bsd-sockets\\//], externalsType: 'node-commonjs'
  Next                                serverExternalPackages: ['@bsd-sockets/core-native', '@bsd-sockets/socket', …]
docs/bundling.md has the whole line for each tool, and what to do for a single executable.`;

/** What to do where none of the places had an addon. */
function advice(installed: boolean): string {
  if (!installed) return BUNDLED;
  return '`npx @bsd-sockets/core-native build` builds it (a C++ compiler and CMake are needed); in a checkout `pnpm build`.';
}

/**
 * Loads the addon from the first place that has one.
 *
 * @returns The addon's exports.
 * @throws Error with code `ERR_BSD_SOCKETS_ADDON` that names every place it looked in, and why each one failed.
 */
export function loadAddon(): unknown {
  const installed = isInstalled();
  const failures: string[] = [];
  for (const path of candidates(installed)) {
    const result = tryLoad(path);
    if ('addon' in result) {
      addonPath = path;
      return result.addon;
    }
    failures.push(`  ${path}: ${result.reason}`);
  }
  const message = [
    `@bsd-sockets/core-native found no addon for ${platform()} (Node ${process.version}).`,
    ...(failures.length > 0 ? ['It looked in:', ...failures] : []),
    advice(installed),
    `${OVERRIDE}=FILE names another place, ${OVERRIDE}=build or =prebuilt takes no other than these.`,
  ].join('\n');
  throw Object.assign(new Error(message), { code: 'ERR_BSD_SOCKETS_ADDON' });
}
