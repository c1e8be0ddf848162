import {
  LITTLE_ENDIAN,
  RDS_CMSG_CONG_UPDATE,
  RDS_CMSG_RDMA_DEST,
  RDS_CMSG_RDMA_STATUS,
  RDS_CMSG_RXPATH_LATENCY,
  RDS_CMSG_ZCOPY_COMPLETION,
  RDS_CMSG_ZCOPY_COOKIE,
  RDS_MAX_ZCOOKIES,
  RDS_MSG_RX_DGRAM_TRACE_MAX,
  SOL_RDS,
} from '@bsd-sockets/core-native';
import { codecs, registerControlMessage } from '@bsd-sockets/socket';

const shared = { package: '@bsd-sockets/rds', level: SOL_RDS };

/**
 * The ports that are no longer congested, as a mask: see `RDS_CONG_MONITOR_MASK`. It comes without data, with the option
 * RDS_CONG_MONITOR, after a send that failed with ENOBUFS.
 *
 * Source: rds(7); linux/rds.h
 */
export const RdsCmsgCongUpdate = registerControlMessage({
  ...shared,
  name: 'RDS_CMSG_CONG_UPDATE',
  type: RDS_CMSG_CONG_UPDATE,
  size: 8,
  decode: (data): bigint => data.getBigUint64(0, LITTLE_ENDIAN),
});

/** The remote memory that a message is about: a cookie, which can be sent too. Source: rds-rdma(7) */
export const RdsCmsgRdmaDest = registerControlMessage({
  ...shared,
  name: 'RDS_CMSG_RDMA_DEST',
  type: RDS_CMSG_RDMA_DEST,
  size: 8,
  decode: (data): bigint => data.getBigUint64(0, LITTLE_ENDIAN),
  encode: (cookie: bigint | number) => codecs.uint64.encode(cookie, 'cookie'),
});

/** What became of a transfer by RDMA. */
export interface RdsRdmaStatus {
  /** What the sender called it. */
  userToken: bigint;
  /** A RDS_RDMA_* constant: RDS_RDMA_SUCCESS, RDS_RDMA_REMOTE_ERROR, … */
  status: number;
}

/** A transfer by RDMA is over. Source: rds-rdma(7) */
export const RdsCmsgRdmaStatus = registerControlMessage({
  ...shared,
  name: 'RDS_CMSG_RDMA_STATUS',
  type: RDS_CMSG_RDMA_STATUS,
  size: 12,
  decode: (data): RdsRdmaStatus => ({
    userToken: data.getBigUint64(0, LITTLE_ENDIAN),
    status: data.getInt32(8, LITTLE_ENDIAN),
  }),
});

/** How long a message took from one place to the next. */
export interface RdsLatency {
  /** A RDS_MSG_RX_* constant. */
  place: number;
  /** In nanoseconds. */
  nanoseconds: bigint;
}

/** The latencies that SO_RDS_MSG_RXPATH_LATENCY asked for. Source: linux/rds.h */
export const RdsCmsgRxpathLatency = registerControlMessage({
  ...shared,
  name: 'RDS_CMSG_RXPATH_LATENCY',
  type: RDS_CMSG_RXPATH_LATENCY,
  size: 32,
  // struct rds_cmsg_rx_trace: a count, three places of a byte, and at a multiple of 8 three numbers.
  decode: (data): RdsLatency[] =>
    Array.from({ length: Math.min(data.getUint8(0), RDS_MSG_RX_DGRAM_TRACE_MAX) }, (_, index) => ({
      place: data.getUint8(1 + index),
      nanoseconds: data.getBigUint64(8 + 8 * index, LITTLE_ENDIAN),
    })),
});

/**
 * A number by which {@link RdsCmsgZcopyCompletion} will tell of a message: each one that is sent with MSG_ZEROCOPY needs it.
 *
 * Source: linux/rds.h; Linux, Documentation/networking/msg_zerocopy.rst
 */
export const RdsCmsgZcopyCookie = registerControlMessage({
  ...shared,
  name: 'RDS_CMSG_ZCOPY_COOKIE',
  type: RDS_CMSG_ZCOPY_COOKIE,
  size: 4,
  decode: (data): number => data.getUint32(0, LITTLE_ENDIAN),
  encode: (cookie: number) => codecs.uint32.encode(cookie, 'cookie'),
});

/** The messages whose memory the kernel needs no longer, by their cookies. Source: linux/rds.h */
export const RdsCmsgZcopyCompletion = registerControlMessage({
  ...shared,
  name: 'RDS_CMSG_ZCOPY_COMPLETION',
  type: RDS_CMSG_ZCOPY_COMPLETION,
  size: 36,
  decode: (data): number[] =>
    Array.from({ length: Math.min(data.getUint32(0, LITTLE_ENDIAN), RDS_MAX_ZCOOKIES) }, (_, index) =>
      data.getUint32(4 + 4 * index, LITTLE_ENDIAN),
    ),
});
