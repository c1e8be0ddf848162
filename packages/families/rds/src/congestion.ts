import { integer, RDS_CONG_MONITOR_SIZE } from '@bsd-sockets/core-native';

/**
 * The bit of a port in the masks of the congestion map.
 *
 * @param port - 0 to 65535.
 * @returns 0 to 63. Ports that are 64 apart share one.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: linux/rds.h
 */
export function RDS_CONG_MONITOR_BIT(port: number): number {
  return integer('port', port, 0, 0xffff) % integer('RDS_CONG_MONITOR_SIZE', RDS_CONG_MONITOR_SIZE, 1, 64);
}

/**
 * The mask of a port, to compare with what `RdsCmsgCongUpdate` tells: `mask & RDS_CONG_MONITOR_MASK(port)`.
 *
 * @param port - 0 to 65535.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`).
 *
 * Source: linux/rds.h
 */
export function RDS_CONG_MONITOR_MASK(port: number): bigint {
  return 1n << BigInt(RDS_CONG_MONITOR_BIT(port));
}
