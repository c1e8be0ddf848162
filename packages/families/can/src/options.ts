import {
  CAN_INV_FILTER,
  CAN_ISOTP_LL_OPTS,
  CAN_ISOTP_OPTS,
  CAN_ISOTP_RECV_FC,
  CAN_ISOTP_RX_STMIN,
  CAN_ISOTP_TX_STMIN,
  CAN_RAW_ERR_FILTER,
  CAN_RAW_FD_FRAMES,
  CAN_RAW_FILTER,
  CAN_RAW_FILTER_MAX,
  CAN_RAW_JOIN_FILTERS,
  CAN_RAW_LOOPBACK,
  CAN_RAW_RECV_OWN_MSGS,
  CAN_RAW_XL_FRAMES,
  CAN_RAW_XL_VCID_OPTS,
  J1939_FILTER_MAX,
  knownKeys,
  SO_J1939_ERRQUEUE,
  SO_J1939_FILTER,
  SO_J1939_PROMISC,
  SO_J1939_SEND_PRIO,
  SOL_CAN_ISOTP,
  SOL_CAN_J1939,
  SOL_CAN_RAW,
} from '@bsd-sockets/core-native';
import { codecs, defineOption, optional, struct } from '@bsd-sockets/socket';
import { canidOf, flag } from './can-id';

const { boolean, int32, list, uint8, uint32, uint64, writeOnly } = codecs;

/** `struct can_filter`: lets a frame pass when `received & canMask` equals `canId & canMask`. Source: linux/can.h */
export interface CanFilter {
  /** An identifier with its flags, as `encodeCanId` makes it. */
  canId: number;
  /** The bits that count: CAN_SFF_MASK, CAN_EFF_MASK, and CAN_EFF_FLAG and CAN_RTR_FLAG if these count too. */
  canMask: number;
  /** Whether the filter lets pass what does not match (CAN_INV_FILTER). */
  inverted: boolean;
}

/** What is taken for one: `inverted` is false by default. */
export interface CanFilterLike {
  canId: number;
  canMask: number;
  inverted?: boolean | undefined;
}

/** `struct can_raw_vcid_options`: the virtual CAN network of CAN XL frames. Source: linux/can/raw.h */
export interface CanRawVcidOptions {
  /** CAN_RAW_XL_VCID_TX_SET, CAN_RAW_XL_VCID_TX_PASS and CAN_RAW_XL_VCID_RX_FILTER, joined by `|`. */
  flags: number;
  /** What to send with, 0 to 255. */
  txVcid: number;
  /** What to receive, 0 to 255. */
  rxVcid: number;
  /** The bits of it that count. */
  rxVcidMask: number;
}

/** `struct can_isotp_options`. Source: linux/can/isotp.h */
export interface CanIsotpOptions {
  /** CAN_ISOTP_LISTEN_MODE, CAN_ISOTP_TX_PADDING, …, joined by `|`. */
  flags: number;
  /** Nanoseconds that a frame takes (N_As, N_Ar): 0 leaves it as it is, CAN_ISOTP_FRAME_TXTIME_ZERO stands for 0. */
  frameTxtime: number;
  /** The address of CAN_ISOTP_EXTEND_ADDR, 0 to 255. */
  extAddress: number;
  /** The byte of CAN_ISOTP_TX_PADDING. */
  txpadContent: number;
  /** The byte of CAN_ISOTP_RX_PADDING. */
  rxpadContent: number;
  /** The address of CAN_ISOTP_RX_EXT_ADDR, 0 to 255. */
  rxExtAddress: number;
}

/** `struct can_isotp_fc_options`: what flow control tells the sender. Source: linux/can/isotp.h */
export interface CanIsotpFcOptions {
  /** The block size, 0 to 255 frames between two frames of flow control; 0 for no limit. */
  bs: number;
  /** The separation time: 0 to 0x7f milliseconds, or 0xf1 to 0xf9 for 100 to 900 microseconds. */
  stmin: number;
  /** The most wait frames, 0 to 255. */
  wftmax: number;
}

/** `struct can_isotp_ll_options`: the link layer. Source: linux/can/isotp.h */
export interface CanIsotpLlOptions {
  /** CAN_MTU for classic frames, CANFD_MTU for CAN FD. */
  mtu: number;
  /** The most data of a frame: 8, 12, 16, 20, 24, 32, 48 or 64 bytes. */
  txDl: number;
  /** CANFD_BRS and other flags of the CAN FD frames to send. */
  txFlags: number;
}

/** `struct j1939_filter`: lets a message pass when its sender and PGN equal these where a mask has bits. Source: linux/can/j1939.h */
export interface J1939Filter {
  name?: bigint | number | undefined;
  nameMask?: bigint | number | undefined;
  pgn?: number | undefined;
  pgnMask?: number | undefined;
  addr?: number | undefined;
  addrMask?: number | undefined;
}

/** A record of which each field may be left out, and is 0 then. */
type OptionalFields<Value> = { [Name in keyof Value]?: Value[Name] | undefined };

const canid: codecs.FixedCodec<number> = {
  ...uint32,
  encode: (value, name) => uint32.encode(canidOf(name, value), name),
};
const rawFilter = struct<{ canId: number; canMask: number }>({ canId: canid, canMask: canid });

const filter: codecs.FixedCodec<CanFilter, CanFilterLike> = {
  ...rawFilter,
  encode: (value, name) => {
    if (typeof value !== 'object' || value === null) return rawFilter.encode(value, name);
    knownKeys(name, value, { canId: true, canMask: true, inverted: true });
    const { canId, canMask } = value;
    const memory = rawFilter.encode({ canId, canMask }, name);
    if (!flag(`${name}.inverted`, value.inverted)) return memory;
    return rawFilter.encode({ canId: canId | CAN_INV_FILTER, canMask }, name);
  },
  decode: (bytes) => {
    const { canId, canMask } = rawFilter.decode(bytes);
    return { canId: (canId & ~CAN_INV_FILTER) >>> 0, canMask, inverted: (canId & CAN_INV_FILTER) !== 0 };
  },
};

const raw = { level: SOL_CAN_RAW };
const isotp = { level: SOL_CAN_ISOTP };
const j1939 = { level: SOL_CAN_J1939 };

/**
 * The typed options of CAN sockets, under the names of their constants: what `getOption` and `setOption` take. Those of
 * CAN_ISOTP have to be set before `bind`.
 *
 * Source: Linux, Documentation/networking/can.rst, iso15765-2.rst and j1939.rst; linux/can/raw.h, isotp.h and j1939.h
 */
export const canOptions = {
  /** CAN_RAW: what to receive: frames that one of the filters lets pass. None receives nothing; `[{ canId: 0, canMask: 0 }]`, the default, all. */
  CAN_RAW_FILTER: defineOption<CanFilter[], readonly CanFilterLike[]>({
    ...raw,
    name: 'CAN_RAW_FILTER',
    option: CAN_RAW_FILTER,
    codec: list(filter, CAN_RAW_FILTER_MAX),
  }),
  /** CAN_RAW: which error frames to receive: CAN_ERR_* classes joined by `|`, CAN_ERR_MASK for all; 0, the default, for none. */
  CAN_RAW_ERR_FILTER: defineOption({ ...raw, name: 'CAN_RAW_ERR_FILTER', option: CAN_RAW_ERR_FILTER, codec: uint32 }),
  /** CAN_RAW: whether other sockets of this host receive what this one sends: true by default. */
  CAN_RAW_LOOPBACK: defineOption({ ...raw, name: 'CAN_RAW_LOOPBACK', option: CAN_RAW_LOOPBACK, codec: boolean }),
  /** CAN_RAW: whether the socket receives what it sends itself; such frames come with MSG_CONFIRM. */
  CAN_RAW_RECV_OWN_MSGS: defineOption({
    ...raw,
    name: 'CAN_RAW_RECV_OWN_MSGS',
    option: CAN_RAW_RECV_OWN_MSGS,
    codec: boolean,
  }),
  /** CAN_RAW: whether CAN FD frames are sent and received, beside classic ones. */
  CAN_RAW_FD_FRAMES: defineOption({ ...raw, name: 'CAN_RAW_FD_FRAMES', option: CAN_RAW_FD_FRAMES, codec: boolean }),
  /** CAN_RAW: whether a frame has to pass all filters, rather than one. */
  CAN_RAW_JOIN_FILTERS: defineOption({
    ...raw,
    name: 'CAN_RAW_JOIN_FILTERS',
    option: CAN_RAW_JOIN_FILTERS,
    codec: boolean,
  }),
  /** CAN_RAW: whether CAN XL frames are sent and received, and CAN FD frames too. From Linux 6.1 on. */
  CAN_RAW_XL_FRAMES: defineOption({ ...raw, name: 'CAN_RAW_XL_FRAMES', option: CAN_RAW_XL_FRAMES, codec: boolean }),
  /** CAN_RAW: the virtual network of CAN XL frames. From Linux 6.9 on. */
  CAN_RAW_XL_VCID_OPTS: defineOption({
    ...raw,
    name: 'CAN_RAW_XL_VCID_OPTS',
    option: CAN_RAW_XL_VCID_OPTS,
    codec: struct<CanRawVcidOptions, OptionalFields<CanRawVcidOptions>>({
      flags: optional(uint8),
      txVcid: optional(uint8),
      rxVcid: optional(uint8),
      rxVcidMask: optional(uint8),
    }),
  }),
  /** CAN_ISOTP: padding, extended addresses and other ways of the protocol. */
  CAN_ISOTP_OPTS: defineOption({
    ...isotp,
    name: 'CAN_ISOTP_OPTS',
    option: CAN_ISOTP_OPTS,
    codec: struct<CanIsotpOptions, OptionalFields<CanIsotpOptions>>({
      flags: optional(uint32),
      frameTxtime: optional(uint32),
      extAddress: optional(uint8),
      txpadContent: optional(uint8),
      rxpadContent: optional(uint8),
      rxExtAddress: optional(uint8),
    }),
  }),
  /** CAN_ISOTP: the flow control that the socket asks of senders. */
  CAN_ISOTP_RECV_FC: defineOption({
    ...isotp,
    name: 'CAN_ISOTP_RECV_FC',
    option: CAN_ISOTP_RECV_FC,
    codec: struct<CanIsotpFcOptions, OptionalFields<CanIsotpFcOptions>>({
      bs: optional(uint8),
      stmin: optional(uint8),
      wftmax: optional(uint8),
    }),
  }),
  /** CAN_ISOTP: nanoseconds between two frames to send, with CAN_ISOTP_FORCE_TXSTMIN, in place of what the receiver asks for. */
  CAN_ISOTP_TX_STMIN: defineOption({ ...isotp, name: 'CAN_ISOTP_TX_STMIN', option: CAN_ISOTP_TX_STMIN, codec: uint32 }),
  /** CAN_ISOTP: nanoseconds, with CAN_ISOTP_FORCE_RXSTMIN: frames that follow each other faster are ignored. */
  CAN_ISOTP_RX_STMIN: defineOption({ ...isotp, name: 'CAN_ISOTP_RX_STMIN', option: CAN_ISOTP_RX_STMIN, codec: uint32 }),
  /** CAN_ISOTP: the frames that carry the messages. */
  CAN_ISOTP_LL_OPTS: defineOption({
    ...isotp,
    name: 'CAN_ISOTP_LL_OPTS',
    option: CAN_ISOTP_LL_OPTS,
    codec: struct<CanIsotpLlOptions>({ mtu: uint8, txDl: uint8, txFlags: uint8 }),
  }),
  /** CAN_J1939: what to receive: messages that one of the filters lets pass; all without filters. Write-only. */
  SO_J1939_FILTER: defineOption<never, readonly J1939Filter[]>({
    ...j1939,
    name: 'SO_J1939_FILTER',
    option: SO_J1939_FILTER,
    codec: writeOnly(
      list(
        struct<Required<J1939Filter>, J1939Filter>({
          name: optional(uint64),
          nameMask: optional(uint64),
          pgn: optional(uint32),
          pgnMask: optional(uint32),
          addr: optional(uint8),
          addrMask: optional(uint8),
        }),
        J1939_FILTER_MAX,
      ),
    ),
  }),
  /** CAN_J1939: whether to receive messages to other addresses too. */
  SO_J1939_PROMISC: defineOption({ ...j1939, name: 'SO_J1939_PROMISC', option: SO_J1939_PROMISC, codec: boolean }),
  /** CAN_J1939: the priority of what is sent: 0 (the highest) to 7, 6 by default; 0 and 1 need privileges. */
  SO_J1939_SEND_PRIO: defineOption({ ...j1939, name: 'SO_J1939_SEND_PRIO', option: SO_J1939_SEND_PRIO, codec: int32 }),
  /** CAN_J1939: whether the error queue tells how transfers go: `recvmsg` with MSG_ERRQUEUE, see `ScmJ1939Errqueue`. */
  SO_J1939_ERRQUEUE: defineOption({ ...j1939, name: 'SO_J1939_ERRQUEUE', option: SO_J1939_ERRQUEUE, codec: boolean }),
};
