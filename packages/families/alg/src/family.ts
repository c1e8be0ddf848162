import * as core from '@bsd-sockets/core-native';
import {
  fsdecode,
  fsencode,
  integer,
  LITTLE_ENDIAN,
  newSockaddr,
  structBytes,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { registerFamily } from '@bsd-sockets/socket';

/** An algorithm of the kernel: `['hash', 'sha256', 0, 0]`. */
export type AlgAddress = [type: string, name: string, feat: number, mask: number];

/** What is taken for one: `['hash', 'sha256']`; `feat` and `mask` (0 to 2³² - 1) are 0 by default. */
export type AlgAddressLike = readonly [type: string, name: string, feat?: number, mask?: number];

// struct sockaddr_alg of linux/if_alg.h.
const TYPE = 2;
const FEAT = 16;
const MASK = 20;
const NAME = 24;
const SIZE = 88;

const MOST_TYPE = FEAT - TYPE - 1;
// Since Linux 4.12 a name may go on to the end of what the kernel takes for an address, the struct sockaddr_storage.
const MOST_NAME = 128 - NAME - 1;

const UINT32_MAX = 2 ** 32 - 1;

function encode(address: unknown): Uint8Array {
  if (!Array.isArray(address) || address.length < 2 || address.length > 4) {
    throw wrongType('address', 'a list [type, name, feat?, mask?] for AF_ALG', address);
  }
  const [type, name, feat = 0, mask = 0] = address;
  const typeBytes = text('type', type, MOST_TYPE);
  const nameBytes = text('name', name, MOST_NAME);
  const sockaddr = newSockaddr(core.AF_ALG, Math.max(SIZE, NAME + nameBytes.length + 1));
  sockaddr.set(typeBytes, TYPE);
  sockaddr.set(nameBytes, NAME);
  const view = structView(sockaddr);
  view.setUint32(FEAT, integer('feat', feat, 0, UINT32_MAX), LITTLE_ENDIAN);
  view.setUint32(MASK, integer('mask', mask, 0, UINT32_MAX), LITTLE_ENDIAN);
  return sockaddr;
}

function decode(sockaddr: Uint8Array): AlgAddress {
  const whole = structBytes(sockaddr, SIZE);
  const view = structView(whole);
  const feat = view.getUint32(FEAT, LITTLE_ENDIAN);
  const mask = view.getUint32(MASK, LITTLE_ENDIAN);
  return [untilNul(whole.subarray(TYPE, FEAT)), untilNul(whole.subarray(NAME)), feat, mask];
}

/** The bytes of a text that has to fit before a NUL. */
function text(name: string, value: unknown, most: number): Buffer {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  if (value.includes('\0')) throw wrongValue(name, 'a string without NUL', value);
  const encoded = fsencode(name, value);
  if (encoded.length > most) throw wrongValue(name, `at most ${most} bytes`, value);
  return encoded;
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return fsdecode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * The algorithms of the Linux kernel: `[type, name, feat?, mask?]`, for `bind`. The kernel tells no names of these sockets:
 * `getsockname` and `getpeername` fail with EOPNOTSUPP, and `accept` and `recvfrom` return undefined in place of an address.
 *
 * Source: Linux, Documentation/crypto/userspace-if.rst
 */
export const AF_ALG = registerFamily<AlgAddress | undefined, AlgAddressLike>({
  number: core.AF_ALG,
  name: 'AF_ALG',
  package: '@bsd-sockets/alg',
  encode,
  decode,
});
