import { integer, LITTLE_ENDIAN, SOL_ICMPV6, SOL_RAW, structView, wrongType } from '@bsd-sockets/core-native';
import type { OptionCodec } from './option';
import { type Table, table } from './table';

/** The ICMP messages that a raw socket does not receive. */
export interface IcmpFilter {
  /** The types that are dropped; all others pass. */
  block: number[];
}

/** An {@link IcmpFilter}, or the types that pass while all others are dropped. */
export type IcmpFilterLike = { block: readonly number[] } | { pass: readonly number[] };

/** A bit for each type, which is set where the type is dropped, in words of 32 bits. */
function icmpFilter(types: number): OptionCodec<IcmpFilter, IcmpFilterLike> {
  const size = types / 8;
  return {
    size,
    encode: (value, name) => {
      const { block, pass } = (value ?? {}) as { block?: unknown; pass?: unknown };
      const listed = block ?? pass;
      if (!Array.isArray(listed) || (block !== undefined && pass !== undefined)) {
        throw wrongType(name, 'an object { block } or { pass } with an array of ICMP types', value);
      }
      const words = new Uint32Array(size / 4).fill(pass === undefined ? 0 : 0xffffffff);
      for (const [index, type] of listed.entries()) {
        integer(`${name}.${pass === undefined ? 'block' : 'pass'}[${index}]`, type, 0, types - 1);
        if (pass === undefined) words[type >> 5]! |= 1 << (type & 31);
        else words[type >> 5]! &= ~(1 << (type & 31));
      }
      return new Uint8Array(words.buffer);
    },
    decode: (bytes) => {
      const view = structView(bytes);
      const isBlocked = (type: number) => (view.getUint32((type >> 5) * 4, LITTLE_ENDIAN) >>> (type & 31)) & 1;
      return { block: Array.from({ length: bytes.length * 8 }, (_, type) => type).filter(isBlocked) };
    },
  };
}

const rawRows = {
  /** Which ICMP messages a raw socket of IPPROTO_ICMP receives, by their types from 0 to 31. */
  ICMP_FILTER: icmpFilter(32),
};

const icmpv6Rows = {
  /** Which ICMPv6 messages a raw socket of IPPROTO_ICMPV6 receives, by their types from 0 to 255. */
  ICMP6_FILTER: icmpFilter(256),
};

/** The options of raw sockets. Source: raw(7) */
export const rawOptions: Table<typeof rawRows> = table(SOL_RAW, rawRows);

/** The options of ICMPv6. Source: RFC 3542 */
export const icmpv6Options: Table<typeof icmpv6Rows> = table(SOL_ICMPV6, icmpv6Rows);
