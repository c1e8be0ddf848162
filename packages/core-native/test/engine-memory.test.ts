import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { addonPath } from '@bsd-sockets/core-native';
import { expect, onTestFinished, test } from 'vitest';

const missing = spawnSync('g++', ['--version']).error ? ' (g++)' : '';
// The sanitizers' library has to be the first that is loaded, and their build forbids what is linked here.
const sanitized = process.env.BSD_SOCKETS_SANITIZE !== undefined;

// An engine that forbids memory of others, as Electron's does, by an addon whose names are looked for before those of Node.
const FORBIDDING = `
#include <node_api.h>
extern "C" napi_status napi_create_external_arraybuffer(napi_env, void*, size_t, napi_finalize, void*, napi_value*) {
  return napi_no_external_buffers_allowed;
}
`;

test.skipIf(missing !== '' || sanitized)(`the addon does without memory that the engine forbids${missing}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-memory-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const source = join(folder, 'forbidding.cc');
  const forbidding = join(folder, 'forbidding.node');
  const require = createRequire(import.meta.url);
  writeFileSync(source, FORBIDDING);
  const headers = join(require.resolve('node-api-headers'), '../include');
  const addon = addonPath!;
  execFileSync('g++', [
    '-shared',
    '-fPIC',
    '-I',
    headers,
    '-o',
    forbidding,
    source,
    '-Wl,--no-as-needed',
    addon,
    `-Wl,-rpath,${dirname(addon)}`,
  ]);
  const program = `
    const { dlopen: { RTLD_LAZY, RTLD_DEEPBIND } } = require('node:os').constants;
    // Another load of it gets it as it is.
    process.dlopen({ exports: {} }, process.env.BSD_SOCKETS_ADDON, RTLD_LAZY | RTLD_DEEPBIND);
    const { fillCall, native, Slot, slots, sockaddr } = require(process.argv[1]);
    const fd = native.socketpair(native.constants.AF_UNIX, native.constants.SOCK_DGRAM, 0, 0);
    const other = slots[Slot.secondFd];
    const memory = Buffer.alloc(100);
    for (let time = 0; time < 1000; time++) {
      for (const size of [10, 5000]) {
        fillCall(fd, 0, 0, size, 0, 0);
        native.send(Buffer.alloc(size, time));
        fillCall(other, 0, 0, memory.length, 0, 0);
        if (native.receive(memory) !== Math.min(size, 100) || memory[0] !== time % 256) throw new Error('other bytes');
      }
      if (time % 100 === 0) gc();
    }
    native.getsockname(fd);
    if (sockaddr[0] !== native.constants.AF_UNIX) throw new Error('no address');
    // Nobody can take it away.
    try { structuredClone(native.callBlock, { transfer: [native.callBlock] }); } catch {}
    console.log(native.callBlock.constructor.name, native.callBlock.byteLength > 0);
  `;
  const library = require.resolve('@bsd-sockets/core-native');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '-e', program, library], {
    encoding: 'utf8',
    env: { ...process.env, BSD_SOCKETS_ADDON: forbidding },
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: 'SharedArrayBuffer true\n', stderr: '', status: 0 });
});
