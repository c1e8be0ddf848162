import { codecs, defineOptions, type OptionTable, timeval } from '@bsd-sockets/socket';
import { AF_VSOCK } from './family';

const { count64 } = codecs;

const rows = {
  /** The most bytes that SO_VM_SOCKETS_BUFFER_SIZE may be set to. */
  SO_VM_SOCKETS_BUFFER_MAX_SIZE: count64,
  /** The fewest bytes that SO_VM_SOCKETS_BUFFER_SIZE may be set to. */
  SO_VM_SOCKETS_BUFFER_MIN_SIZE: count64,
  /** Bytes that the peer may send ahead of what was received; what is beyond the two limits becomes the nearer one. */
  SO_VM_SOCKETS_BUFFER_SIZE: count64,
  /** Seconds after which the kernel ends a connect with ETIMEDOUT; 0 for its default. `settimeout` is the usual way. */
  SO_VM_SOCKETS_CONNECT_TIMEOUT: timeval,
};

/** The options of virtual machine sockets, for `getOption` and `setOption`. Source: vsock(7) */
export const vsockOptions: OptionTable<typeof rows> = defineOptions(AF_VSOCK, rows);
