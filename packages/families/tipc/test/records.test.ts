import { randomBytes } from 'node:crypto';
import { readControl } from '@bsd-sockets/socket';
import {
  AF_TIPC,
  decodeEvent,
  encodeCancellation,
  encodeSubscription,
  SOL_TIPC,
  TIPC_ADDR_ID,
  TIPC_DESTNAME,
  TIPC_ERRINFO,
  TIPC_RETDATA,
  TIPC_SUB_CANCEL,
  TIPC_SUB_PORTS,
  TIPC_SUB_SERVICE,
  TIPC_WITHDRAWN,
  TipcDestname,
  TipcErrinfo,
  TipcRetdata,
  tipcOptions,
} from '@bsd-sockets/tipc';
import { describe, expect, test } from 'vitest';

const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const NO_HANDLE = Buffer.alloc(8);

describe('a subscription', () => {
  test('is a struct tipc_subscr', () => {
    const full = {
      type: 1,
      lower: 2,
      upper: 3,
      timeout: 1.5,
      filter: TIPC_SUB_PORTS,
      userHandle: Buffer.from('handle'),
    };
    const bytes = Buffer.concat([words(1, 2, 3, 1500, TIPC_SUB_PORTS), Buffer.from('handle\0\0')]);
    expect(encodeSubscription(full)).toEqual(bytes);
    const cancelled = Buffer.concat([
      words(1, 2, 3, 1500, TIPC_SUB_PORTS | TIPC_SUB_CANCEL),
      Buffer.from('handle\0\0'),
    ]);
    expect(encodeCancellation(full)).toEqual(cancelled);
  });

  test('is by default one for ever, of services', () => {
    const bytes = Buffer.concat([words(1, 2, 3, 2 ** 32 - 1, TIPC_SUB_SERVICE), NO_HANDLE]);
    expect(encodeSubscription({ type: 1, lower: 2, upper: 3 })).toEqual(bytes);
    expect(encodeSubscription({ type: 1, lower: 2, upper: 3, timeout: Number.POSITIVE_INFINITY })).toEqual(bytes);
  });

  test('counts a timeout in milliseconds, and one at least', () => {
    const timeout = (seconds: number) =>
      encodeSubscription({ type: 1, lower: 2, upper: 3, timeout: seconds }).subarray(12, 16);
    expect([0, 1e-9, 0.0016, 4_294_967].map(timeout)).toEqual([words(0), words(1), words(2), words(4_294_967_000)]);
  });

  test('is refused by the name of what is wrong', () => {
    const wrong = (change: object) => () => encodeSubscription({ type: 1, lower: 2, upper: 3, ...change });
    expect(wrong({ type: '1' })).toThrow(/^subscription\.type: /);
    expect(wrong({ lower: -1 })).toThrow(/^subscription\.lower: /);
    expect(wrong({ upper: 2 ** 32 })).toThrow(/^subscription\.upper: /);
    expect(wrong({ timeout: -1 })).toThrow(/^subscription\.timeout: /);
    expect(wrong({ timeout: 4_294_968 })).toThrow(/^subscription\.timeout: /);
    expect(wrong({ timeout: Number.NaN })).toThrow(/^subscription\.timeout: /);
    expect(wrong({ timeout: 1n })).toThrow(/^subscription\.timeout: .*seconds/);
    expect(wrong({ filter: 1.5 })).toThrow(/^subscription\.filter: /);
    expect(wrong({ userHandle: 'x' })).toThrow(/^subscription\.userHandle: /);
    expect(wrong({ userHandle: Buffer.alloc(9) })).toThrow(/^subscription\.userHandle: /);
    for (const encode of [encodeSubscription, encodeCancellation]) {
      expect(() => encode(undefined as never)).toThrow(/^subscription: /);
      expect(() => encode(null as never)).toThrow(/^subscription: /);
    }
  });
});

describe('an event', () => {
  const bytes = Buffer.concat([words(TIPC_WITHDRAWN, 5, 6, 7, 8, 1, 2, 3, 2 ** 32 - 1, 1), Buffer.from('handle\0\0')]);
  const event = {
    event: TIPC_WITHDRAWN,
    foundLower: 5,
    foundUpper: 6,
    socket: [TIPC_ADDR_ID, 8, 7, 0, 0],
    subscription: {
      type: 1,
      lower: 2,
      upper: 3,
      timeout: Number.POSITIVE_INFINITY,
      filter: 1,
      userHandle: Buffer.from('handle\0\0'),
    },
  };

  test('is read from a struct tipc_event', () => {
    expect(decodeEvent(bytes)).toEqual(event);
    expect(decodeEvent(new DataView(Uint8Array.from([0, ...bytes]).buffer, 1))).toEqual(event);
  });

  test('keeps no view of its bytes', () => {
    const copy = Buffer.from(bytes);
    const decoded = decodeEvent(copy);
    copy.fill(0xff);
    expect(decoded).toEqual(event);
  });

  test('of any bytes is an event or a clear error', () => {
    for (let length = 0; length <= 64; length++) {
      const decode = () => decodeEvent(randomBytes(length));
      if (length < 48) expect(decode).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
      else expect(decode().socket).toHaveLength(5);
    }
    expect(() => decodeEvent('event' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  });
});

describe('control messages', () => {
  test('are read as records', () => {
    const ancdata: [number, number, Buffer][] = [
      [SOL_TIPC, TIPC_ERRINFO, words(2, 4)],
      [SOL_TIPC, TIPC_RETDATA, Buffer.from('lost')],
      [SOL_TIPC, TIPC_DESTNAME, words(1000, 1, 2)],
    ];
    expect(TipcErrinfo.decode(ancdata)).toEqual({ code: 2, length: 4 });
    const returned = TipcRetdata.decode(ancdata)!;
    expect(returned).toEqual(Buffer.from('lost'));
    // Not in Node's pool, where the bytes of others lie.
    expect(returned.buffer.byteLength).toBe(4);
    expect(TipcDestname.decode(ancdata)).toEqual({ type: 1000, lower: 1, upper: 2 });
    const names = readControl(ancdata, AF_TIPC).map(({ name }) => name);
    expect(names).toEqual(['TIPC_ERRINFO', 'TIPC_RETDATA', 'TIPC_DESTNAME']);
  });

  test('that were cut short are none', () => {
    for (let length = 0; length < 12; length++) {
      const data = randomBytes(length);
      expect(TipcDestname.decode([[SOL_TIPC, TIPC_DESTNAME, data]])).toBeUndefined();
      if (length < 8) expect(TipcErrinfo.decode([[SOL_TIPC, TIPC_ERRINFO, data]])).toBeUndefined();
    }
  });
});

test('the option to join a group takes a struct tipc_group_req', () => {
  const { codec } = tipcOptions.TIPC_GROUP_JOIN;
  expect(codec.encode!({ type: 4711, instance: 3 }, 'join')).toEqual(words(4711, 3, 0, 0));
  expect(codec.encode!({ type: 4711, instance: 3, scope: 2, flags: 1 }, 'join')).toEqual(words(4711, 3, 2, 1));
  expect(() => codec.encode!({ type: 4711, instance: -1 }, 'join')).toThrow(/^join\.instance: /);
});
