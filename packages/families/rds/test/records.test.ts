import { randomBytes } from 'node:crypto';
import {
  AF_RDS,
  RDS_CMSG_CONG_UPDATE,
  RDS_CMSG_RDMA_DEST,
  RDS_CMSG_RDMA_STATUS,
  RDS_CMSG_RXPATH_LATENCY,
  RDS_CMSG_ZCOPY_COMPLETION,
  RDS_CMSG_ZCOPY_COOKIE,
  RDS_CONG_MONITOR_BIT,
  RDS_CONG_MONITOR_MASK,
  RDS_MSG_RX_DGRAM_DELIVERED,
  RDS_MSG_RX_HDR_TO_DGRAM_START,
  RDS_RDMA_CANCELED,
  RdsCmsgCongUpdate,
  RdsCmsgRdmaDest,
  RdsCmsgRdmaStatus,
  RdsCmsgRxpathLatency,
  RdsCmsgZcopyCompletion,
  RdsCmsgZcopyCookie,
  rdsInfo,
  rdsOptions,
  SOL_RDS,
} from '@bsd-sockets/rds';
import { readControl } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';

const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const longs = (...values: bigint[]) => Buffer.from(BigUint64Array.from(values).buffer);

describe('control messages', () => {
  test('are read as records', () => {
    const messages: [number, Buffer, unknown][] = [
      [RDS_CMSG_CONG_UPDATE, longs(1n << 63n), 1n << 63n],
      [RDS_CMSG_RDMA_DEST, longs(5n), 5n],
      [RDS_CMSG_RDMA_STATUS, Buffer.concat([longs(7n), words(RDS_RDMA_CANCELED)]), { userToken: 7n, status: 2 }],
      [
        RDS_CMSG_RXPATH_LATENCY,
        Buffer.concat([Buffer.of(2, 0, 2, 0, 0, 0, 0, 0), longs(11n, 12n, 13n)]),
        [
          { place: RDS_MSG_RX_HDR_TO_DGRAM_START, nanoseconds: 11n },
          { place: RDS_MSG_RX_DGRAM_DELIVERED, nanoseconds: 12n },
        ],
      ],
      [RDS_CMSG_ZCOPY_COOKIE, words(9), 9],
      [RDS_CMSG_ZCOPY_COMPLETION, words(2, 21, 22, 0, 0, 0, 0, 0, 0), [21, 22]],
    ];
    for (const [type, data, value] of messages) {
      expect(readControl([[SOL_RDS, type, data]], AF_RDS)).toMatchObject([{ level: SOL_RDS, type, value }]);
    }
  });

  test('of any bytes are records, or none where they are too few', () => {
    const readers = [
      [RdsCmsgCongUpdate, 8],
      [RdsCmsgRdmaDest, 8],
      [RdsCmsgRdmaStatus, 12],
      [RdsCmsgRxpathLatency, 32],
      [RdsCmsgZcopyCookie, 4],
      [RdsCmsgZcopyCompletion, 36],
    ] as const;
    for (const [reader, size] of readers) {
      for (let length = 0; length <= 40; length++) {
        const value = reader.decode([[SOL_RDS, reader.type, randomBytes(length)]]);
        expect(value !== undefined).toBe(length >= size);
        if (Array.isArray(value)) expect(value.length).toBeLessThanOrEqual(8);
      }
    }
  });

  test('are made of a cookie', () => {
    expect(RdsCmsgZcopyCookie.encode(7)).toEqual([SOL_RDS, RDS_CMSG_ZCOPY_COOKIE, words(7)]);
    expect(() => RdsCmsgZcopyCookie.encode(2 ** 32)).toThrow(/^cookie: /);
    expect(RdsCmsgRdmaDest.encode(7n)).toEqual([SOL_RDS, RDS_CMSG_RDMA_DEST, longs(7n)]);
    expect(() => RdsCmsgRdmaDest.encode(2n ** 64n)).toThrow(/^cookie: /);
  });
});

test('a port has a bit in the mask of the congestion map', () => {
  expect([0, 63, 64, 65_535].map(RDS_CONG_MONITOR_BIT)).toEqual([0, 63, 0, 63]);
  expect([0, 63, 65].map(RDS_CONG_MONITOR_MASK)).toEqual([1n, 1n << 63n, 2n]);
  expect(() => RDS_CONG_MONITOR_MASK(65_536)).toThrow(/^port: /);
  expect(() => RDS_CONG_MONITOR_BIT('1' as never)).toThrow(/^port: /);
});

test('the option of latencies takes places', () => {
  const { codec } = rdsOptions.SO_RDS_MSG_RXPATH_LATENCY;
  expect(codec.encode!([0, 2], 'places')).toEqual(Buffer.of(2, 0, 2, 0));
  expect(codec.encode!([], 'places')).toEqual(Buffer.alloc(4));
  expect(() => codec.encode!([1, 256], 'places')).toThrow(/^places\[1\]: /);
  expect(() => codec.encode!([0, 1, 2, 0], 'places')).toThrow(/^places: /);
  expect(() => codec.encode!(1 as never, 'places')).toThrow(/^places: /);
});

describe('rows of the tables', () => {
  const host = (last: number) => Buffer.of(192, 0, 2, last);
  const text = (string: string, size: number) => Buffer.concat([Buffer.from(string)], size);
  const port = (number: number) => Buffer.of(number >> 8, number & 0xff);

  test('have the sizes of linux/rds.h', () => {
    expect(Object.values(rdsInfo).map(({ name, row }) => [name, row.size])).toEqual([
      ['RDS_INFO_CONNECTIONS', 42],
      ['RDS_INFO_COUNTERS', 40],
      ['RDS_INFO_RECV_MESSAGES', 26],
      ['RDS_INFO_RETRANS_MESSAGES', 26],
      ['RDS_INFO_SEND_MESSAGES', 26],
      ['RDS_INFO_SOCKETS', 28],
    ]);
  });

  test('are read from packed structures', () => {
    const counter = Buffer.concat([text('send_queued', 32), longs(5n)]);
    expect(rdsInfo.RDS_INFO_COUNTERS.row.decode(counter)).toEqual({ name: 'send_queued', value: 5n });
    const connection = Buffer.concat([longs(1n, 2n), host(1), host(2), text('tcp', 16), Buffer.of(5, 9)]);
    expect(rdsInfo.RDS_INFO_CONNECTIONS.row.decode(connection)).toEqual({
      nextTxSeq: 1n,
      nextRxSeq: 2n,
      localHost: '192.0.2.1',
      peerHost: '192.0.2.2',
      transport: 'tcp',
      sending: true,
      connecting: false,
      connected: true,
      tos: 9,
    });
    const message = Buffer.concat([longs(1n), words(2), host(3), host(4), port(5), port(60_000), Buffer.of(7, 8)]);
    expect(rdsInfo.RDS_INFO_RECV_MESSAGES.row.decode(message)).toEqual({
      seq: 1n,
      length: 2,
      localHost: '192.0.2.3',
      peerHost: '192.0.2.4',
      localPort: 5,
      peerPort: 60_000,
      flags: 7,
      tos: 8,
    });
    const socket = Buffer.concat([words(1), host(2), host(3), port(4), port(5), words(6), longs(7n)]);
    expect(rdsInfo.RDS_INFO_SOCKETS.row.decode(socket)).toEqual({
      sendBuffer: 1,
      localHost: '192.0.2.2',
      peerHost: '192.0.2.3',
      localPort: 4,
      peerPort: 5,
      receiveBuffer: 6,
      inode: 7n,
    });
  });
});
