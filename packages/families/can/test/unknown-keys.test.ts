import { canOptions, encodeBcmMessage, encodeCanId, encodeFrame } from '@bsd-sockets/can';
import { expect, test } from 'vitest';

test.each<[string, () => unknown, string]>([
  ['a frame', () => encodeFrame({ id: 1, extended_id: true } as any), "frame: unknown key 'extended_id'"],
  ['a CAN FD frame', () => encodeFrame({ kind: 'fd', id: 1, rtr: true } as any), "frame: unknown key 'rtr'"],
  ['an identifier', () => encodeCanId({ id: 1, Extended: true } as any), "did you mean 'extended'?"],
  ['a message', () => encodeBcmMessage({ opcode: 1, id: 1, ival_1: 1 } as any), "did you mean 'ival1'?"],
  [
    'a filter',
    () => canOptions.CAN_RAW_FILTER.codec.encode!([{ can_id: 1, canMask: 0 } as any], 'f'),
    "did you mean 'canId'?",
  ],
])('%s refuses an unknown key', (_kind, call, message) => {
  expect(call).toThrow(message);
});
