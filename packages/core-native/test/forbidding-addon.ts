import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { addonPath } from '@bsd-sockets/core-native';

// The sanitizers' library has to be the first that is loaded, and their build forbids what is linked here.
const sanitized = process.env.BSD_SOCKETS_SANITIZE !== undefined;

/** Why {@link forbiddingAddon} cannot be built; empty if it can. */
export const withoutForbidding = sanitized
  ? ' (not under the sanitizers)'
  : spawnSync('g++', ['--version']).error
    ? ' (g++)'
    : '';

const FORBIDDING = `
#include <node_api.h>
extern "C" napi_status napi_create_external_arraybuffer(napi_env, void*, size_t, napi_finalize, void*, napi_value*) {
  return napi_no_external_buffers_allowed;
}
`;

/**
 * Code that makes Node an engine that forbids memory of others, as Electron's does: it loads an addon whose names are looked for
 * before those of Node. Another load of it, as BSD_SOCKETS_ADDON, gets it as it is.
 */
export const FORBID = `{
  const { dlopen: { RTLD_LAZY, RTLD_DEEPBIND } } = require('node:os').constants;
  process.dlopen({ exports: {} }, process.env.BSD_SOCKETS_ADDON, RTLD_LAZY | RTLD_DEEPBIND);
}`;

/** Builds that addon in a folder. */
export function forbiddingAddon(folder: string): string {
  const source = join(folder, 'forbidding.cc');
  const forbidding = join(folder, 'forbidding.node');
  writeFileSync(source, FORBIDDING);
  const headers = join(createRequire(import.meta.url).resolve('node-api-headers'), '../include');
  const addon = addonPath!;
  const linked = ['-Wl,--no-as-needed', addon, `-Wl,-rpath,${dirname(addon)}`];
  execFileSync('g++', ['-shared', '-fPIC', '-I', headers, '-o', forbidding, source, ...linked]);
  return forbidding;
}
