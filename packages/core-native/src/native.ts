import type { Native } from './bindings';
import { type Addon, type Loaded, withKnownMemory } from './known-memory';
import { loadAddon } from './loader';

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

function load(): Loaded {
  try {
    const addon = loadAddon() as Addon;
    addon.wrapped ??= withKnownMemory(addon);
    return addon.wrapped;
  } catch (error) {
    loadFailure = error as Error;
    const native = missing(error);
    return { native, receiveKeeping: native.receive };
  }
}

const loaded = load();

/** The addon of this process. */
export const { native, receiveKeeping } = loaded;
