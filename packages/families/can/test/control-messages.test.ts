import { randomBytes } from 'node:crypto';
import {
  AF_CAN,
  J1939_EE_INFO_RX_RTS,
  ScmCanRawErrqueue,
  ScmJ1939DestAddr,
  ScmJ1939DestName,
  ScmJ1939Errqueue,
  ScmJ1939Prio,
  ScmJ1939Stats,
} from '@bsd-sockets/can';
import { readControl } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

type Kind = { readonly level: number; readonly type: number };
const message = ({ level, type }: Kind, data: string) => [level, type, Buffer.from(data, 'hex')] as const;
const kinds = [ScmCanRawErrqueue, ScmJ1939DestAddr, ScmJ1939DestName, ScmJ1939Errqueue, ScmJ1939Prio, ScmJ1939Stats];

// Written by the kernel for a transfer of 100 bytes: see j1939_sk_get_timestamping_opt_stats.
const stats = [
  '0800020064000000',
  '0800030000ef0000',
  '0c0004000100000000000000',
  '0c0005000200000000000000',
  '0500060020000000',
  '0500070030000000',
].join('');

describe.skipIf(without('Linux'))('control messages (Linux)', () => {
  test('of J1939 have their values', () => {
    expect(ScmJ1939DestAddr.decode([message(ScmJ1939DestAddr, '30')])).toBe(0x30);
    expect(ScmJ1939DestName.decode([message(ScmJ1939DestName, 'ffffffffffffffff')])).toBe(2n ** 64n - 1n);
    expect(ScmJ1939Prio.decode([message(ScmJ1939Prio, '06')])).toBe(6);
    expect(ScmJ1939Stats.decode([message(ScmJ1939Stats, stats)])).toEqual({
      bytesAcked: undefined,
      totalSize: 100,
      pgn: 0xef00,
      srcName: 1n,
      destName: 2n,
      srcAddr: 0x20,
      destAddr: 0x30,
    });
    const error = '00000000010000000200000007000000';
    const value = { errno: 0, origin: 1, type: 0, code: 0, info: J1939_EE_INFO_RX_RTS, data: 7, offender: undefined };
    expect(ScmJ1939Errqueue.decode([message(ScmJ1939Errqueue, error)])).toEqual(value);
    expect(ScmCanRawErrqueue.decode([message(ScmCanRawErrqueue, error)])).toEqual(value);
  });

  test('are known to readControl for sockets of the family', () => {
    const ancdata = [message(ScmJ1939Prio, '06'), message(ScmJ1939Stats, stats)];
    expect(readControl(ancdata, AF_CAN).map(({ name }) => name)).toEqual([
      'SCM_J1939_PRIO',
      'SCM_TIMESTAMPING_OPT_STATS',
    ]);
    expect(readControl(ancdata).map(({ name }) => name)).toEqual([undefined, undefined]);
  });

  test('of hostile bytes never throw', () => {
    const samples = Array.from({ length: 400 }, (_, index) => randomBytes(index % 80));
    for (let index = 0; index <= stats.length; index += 2) samples.push(Buffer.from(stats.slice(0, index), 'hex'));
    for (let index = 0; index < stats.length / 2; index++) {
      const flipped = Buffer.from(stats, 'hex');
      flipped[index] = ~flipped[index]!;
      samples.push(flipped);
    }
    for (const { level, type } of kinds) {
      for (const sample of samples) expect(() => readControl([[level, type, sample]], AF_CAN)).not.toThrow();
    }
  });
});
