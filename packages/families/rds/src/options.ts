import { RDS_MSG_RX_DGRAM_TRACE_MAX, SOL_RDS, wrongType, wrongValue } from '@bsd-sockets/core-native';
import { codecs, defineOptions, type OptionTable } from '@bsd-sockets/socket';
import { type RdsAddressLike, sockaddrOf } from './address';

const { boolean, int32, uint8, writeOnly } = codecs;

/** `struct rds_rx_trace_so`: a count, and as many places in the way of a message. */
const rxTrace = {
  size: 4,
  encode: (places: readonly number[], name: string) => {
    if (!Array.isArray(places)) throw wrongType(name, 'an array of RDS_MSG_RX_* constants', places);
    const most = RDS_MSG_RX_DGRAM_TRACE_MAX;
    if (places.length > most) throw wrongValue(name, `at most ${most} of them`, places.length);
    const encoded = places.map((place, index) => uint8.encode(place, `${name}[${index}]`));
    return Buffer.concat([Buffer.of(places.length), ...encoded], 1 + most);
  },
};

const rows = {
  /** Drops what was sent to an address and has not arrived. Write-only. */
  RDS_CANCEL_SENT_TO: writeOnly({
    size: 28,
    encode: (address: RdsAddressLike) => sockaddrOf(address),
    decode: () => undefined,
  }),
  /**
   * Whether the socket hears, by {@link RdsCmsgCongUpdate}, when a port that it could not send to is no longer congested.
   * Write-only.
   */
  RDS_CONG_MONITOR: writeOnly(boolean),
  /** Whether the socket hears, by {@link RdsCmsgRdmaStatus}, of transfers by RDMA that failed. */
  RDS_RECVERR: boolean,
  /** Which latencies {@link RdsCmsgRxpathLatency} tells of: RDS_MSG_RX_* constants, at most 3. Write-only. */
  SO_RDS_MSG_RXPATH_LATENCY: writeOnly({ ...rxTrace, decode: () => undefined }),
  /** What carries the messages: a RDS_TRANS_* constant. It can be set before `bind`; before that it is RDS_TRANS_NONE. */
  SO_RDS_TRANSPORT: int32,
};

/** The typed options of RDS sockets, for `getOption` and `setOption`. Source: rds(7); linux/rds.h */
export const rdsOptions: OptionTable<typeof rows> = defineOptions(SOL_RDS, rows);
