import type { Addon, HotCalls } from './known-memory';

/** Their names in the addon, which take what its exports call `ffiEnvironment`. */
const RECEIVE = 'bsd_sockets_receive_known';
const SEND = 'bsd_sockets_send_known';
const SENDALL = 'bsd_sockets_sendall_known';

type Library = Record<string, (environment: number) => void>;

/** The functions of a library, opened by this engine's FFI. The types of Node 20 know none of the three. */
function open(path: string): Library {
  const each = (signature: object) => ({ [RECEIVE]: signature, [SEND]: signature, [SENDALL]: signature });
  const { Deno, process } = globalThis as any;
  if (Deno) return Deno.dlopen(path, each({ parameters: ['f64'], result: 'void' })).symbols;
  const bun = process.getBuiltinModule?.('bun:ffi');
  if (bun) return bun.dlopen(path, each({ args: ['f64'], returns: 'void' })).symbols;
  const node = process.getBuiltinModule?.('node:ffi');
  if (!node) throw new Error(`Node ${process.version} has no node:ffi, which came with Node 26.1`);
  return node.dlopen(path, each({ arguments: ['double'], return: 'void' })).functions;
}

/**
 * The calls of the hot path by the engine's own FFI, which crosses to the addon in a fraction of Node-API's time.
 *
 * @param addon - The addon.
 * @param path - Its file.
 * @throws Error where the engine has no FFI or forbids it, or the addon has no such functions.
 */
export function ffiCalls({ ffiEnvironment }: Addon, path: string): HotCalls {
  const { [RECEIVE]: receive, [SEND]: send, [SENDALL]: sendall } = open(path);
  return {
    receiveKnown: () => receive!(ffiEnvironment),
    sendKnown: () => send!(ffiEnvironment),
    sendallKnown: () => sendall!(ffiEnvironment),
  };
}
