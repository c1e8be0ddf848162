import type { Native } from './bindings';
import { ffiCalls } from './ffi';
import { type Addon, type Loaded, withKnownMemory } from './known-memory';
import { addonPath, loadAddon } from './loader';

/** Stands in for an addon that cannot be loaded: packages still import, and the first call says what is wrong. */
function missing(error: unknown): Native {
  const data: Partial<Native> = {
    abiConstants: [],
    callBlock: new ArrayBuffer(2048),
    connecting: 0,
    constants: {},
    errnos: {},
    interruptible: false,
    layout: {},
  };
  const call = () => {
    throw error;
  };
  return new Proxy(data, { get: (target, name: keyof Native) => target[name] ?? call }) as Native;
}

/** Why there is no addon, if there is none. */
export let loadFailure: Error | undefined;

let addon: Addon | undefined;

function load(): Loaded {
  try {
    addon = loadAddon() as Addon;
    addon.wrapped ??= withKnownMemory(addon);
    return addon.wrapped;
  } catch (error) {
    loadFailure = error as Error;
    const native = missing(error);
    return { native, receiveKeeping: native.receive, use: () => {} };
  }
}

const loaded = load();

/** The addon of this process. */
export const { native, receiveKeeping } = loaded;

/**
 * Has `send`, `sendall` and the receiving calls of this thread cross to the addon by the engine's own FFI, which takes less time
 * than Node-API: `node:ffi` from Node 26.1 on, `bun:ffi`, `Deno.dlopen`. Node prints an ExperimentalWarning; where it has
 * permissions it needs `--allow-ffi`. `BSD_SOCKETS_FFI=1` in the environment does the same in all threads, and goes on without if
 * it is not to be had.
 *
 * @throws Error with code `ERR_BSD_SOCKETS_FFI`, and what is missing as its cause. All goes on by Node-API then.
 */
export function useFFI(): void {
  if (loadFailure) throw loadFailure;
  try {
    loaded.use(ffiCalls(addon!, addonPath!));
  } catch (cause) {
    const message = `core-native goes on by Node-API, without FFI: ${(cause as Error).message}`;
    throw Object.assign(new Error(message, { cause }), { code: 'ERR_BSD_SOCKETS_FFI' });
  }
}

// The one place that says when: nowhere by itself, as long as the engines call theirs experimental or unstable.
if (process.env.BSD_SOCKETS_FFI === '1' && addon) {
  try {
    useFFI();
  } catch (error) {
    process.emitWarning(error as Error);
  }
}
