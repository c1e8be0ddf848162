import {
  AttributeWriter,
  decodeOutcome,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
  NLMSGERR_ATTR_COOKIE,
  NLMSGERR_ATTR_MISS_NEST,
  NLMSGERR_ATTR_MISS_TYPE,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
} from '@bsd-sockets/netlink';
import { FileNotFoundError, OSError } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../../core-native/test/random-numbers';
import { Exchange } from '../src/exchange';
import { netlinkError } from '../src/extended-ack';
import { orMalformed, randomBytes } from './random';

const ENOENT = 2;
const malformed = expect.objectContaining({ code: 'EBADMSG' });
const request = encodeMessage({ type: 16, data: new AttributeWriter().uint8(1, 1).uint32(0x21, 5).encode() });

function int32(value: number): Buffer {
  return Buffer.from(Int32Array.of(value).buffer);
}

function message(fields: Partial<NetlinkMessage>): NetlinkMessage {
  return { type: 16, flags: 0, seq: 5, pid: 77, data: Buffer.alloc(0), ...fields };
}

/** An error of the kernel; with `repeated` bytes of the request behind its header. */
function errorMessage(errno: number, tlvs?: AttributeWriter, repeated?: Buffer): NetlinkMessage {
  const header = repeated ?? encodeMessage({ type: 16 }).subarray(0, 16);
  return message({
    type: NLMSG_ERROR,
    flags: (repeated ? 0 : NLM_F_CAPPED) | (tlvs ? NLM_F_ACK_TLVS : 0),
    data: Buffer.concat([int32(-errno), header, tlvs?.encode() ?? Buffer.alloc(0)]),
  });
}

describe('an extended acknowledgement', () => {
  const tlvs = new AttributeWriter()
    .string(NLMSGERR_ATTR_MSG, 'no such thing')
    .uint32(NLMSGERR_ATTR_OFFS, 24)
    .uint32(NLMSGERR_ATTR_MISS_TYPE, 7)
    .uint32(NLMSGERR_ATTR_MISS_NEST, 24)
    .bytes(NLMSGERR_ATTR_COOKIE, Buffer.of(9, 9));

  test.each([
    ['alone', undefined],
    ['behind the whole request', request],
  ])('is read %s', (_, repeated) => {
    expect(decodeOutcome(errorMessage(ENOENT, tlvs, repeated), request)).toEqual({
      errno: ENOENT,
      extendedAck: {
        message: 'no such thing',
        offset: 24,
        attribute: 0x21,
        missing: 7,
        missingIn: 24,
        cookie: Buffer.of(9, 9),
      },
    });
  });

  test('goes into the message of the error, whose class is that of the errno', () => {
    const error = netlinkError(decodeOutcome(errorMessage(ENOENT, tlvs), request));
    expect(error).toBeInstanceOf(FileNotFoundError);
    expect(error.message).toBe(
      'ENOENT: No such file or directory (no such thing, attribute 33, at byte 24 of the message, attribute 7 is missing, in the one at byte 24), netlink',
    );
    expect(error.extendedAck.message).toBe('no such thing');
  });

  test('may be missing', () => {
    const error = netlinkError(decodeOutcome(errorMessage(ENOENT), request));
    expect(error.message).toBe('ENOENT: No such file or directory, netlink');
  });

  test('that tells a place outside the request names no attribute', () => {
    for (const offset of [request.length - 3, request.length, 2 ** 32 - 1]) {
      const writer = new AttributeWriter().uint32(NLMSGERR_ATTR_OFFS, offset);
      const { extendedAck } = decodeOutcome(errorMessage(ENOENT, writer), request);
      expect([extendedAck.offset, extendedAck.attribute]).toEqual([offset, undefined]);
    }
  });

  test('comes at the end of a dump too', () => {
    const data = Buffer.concat([int32(-ENOENT), new AttributeWriter().string(NLMSGERR_ATTR_MSG, 'why').encode()]);
    const outcome = decodeOutcome(message({ type: NLMSG_DONE, flags: NLM_F_MULTI | NLM_F_ACK_TLVS, data }));
    expect([outcome.errno, outcome.extendedAck.message]).toEqual([ENOENT, 'why']);
  });

  test('cut short, or with an errno that is none, is refused', () => {
    const whole = errorMessage(ENOENT, tlvs, request);
    for (let length = 0; length < 4 + request.length; length++) {
      expect(() => decodeOutcome({ ...whole, data: whole.data.subarray(0, length) })).toThrow(malformed);
    }
    for (const errno of [-1, 4096, -(2 ** 31)]) {
      expect(() => decodeOutcome(errorMessage(errno | 0))).toThrow(malformed);
    }
  });

  test('of random bytes is read or refused', () => {
    const random = randomNumbers(5);
    const flags = [0, NLM_F_CAPPED, NLM_F_ACK_TLVS, NLM_F_CAPPED | NLM_F_ACK_TLVS];
    for (let round = 0; round < 4000; round++) {
      const type = round % 2 ? NLMSG_ERROR : NLMSG_DONE;
      const data = Buffer.concat([int32(-(random() % 200)), randomBytes(random, 60)]);
      orMalformed(() => decodeOutcome(message({ type, flags: flags[round % 4]!, data }), request));
    }
  });
});

describe('an exchange', () => {
  const begin = (isDump = false) => new Exchange(request, 5, 77, { isDump });

  test('ends with its acknowledgement, and keeps what came before', () => {
    const exchange = begin();
    const reply = message({ data: Buffer.of(1) });
    exchange.receive(reply);
    expect(exchange.done).toBe(false);
    exchange.receive(errorMessage(0));
    expect(exchange.done).toBe(true);
    exchange.check();
    expect(exchange.replies).toEqual([reply]);
  });

  test('passes over what belongs to others, and messages without a meaning', () => {
    const exchange = begin();
    exchange.receive(message({ seq: 4 }));
    exchange.receive(message({ pid: 78 }));
    exchange.receive(message({ type: NLMSG_NOOP }));
    exchange.receive({ ...errorMessage(ENOENT), seq: 4 });
    expect([exchange.done, exchange.replies]).toEqual([false, []]);
  });

  test('throws the error of a refused request', () => {
    const exchange = begin();
    exchange.receive(errorMessage(ENOENT));
    expect(() => exchange.check()).toThrow(FileNotFoundError);
  });

  test('that is a dump ends with NLMSG_DONE, and tells of an interruption', () => {
    const exchange = begin(true);
    exchange.receive(message({ flags: NLM_F_MULTI }));
    expect(exchange.interrupted).toBe(false);
    exchange.receive(message({ flags: NLM_F_MULTI | NLM_F_DUMP_INTR }));
    exchange.receive(message({ type: NLMSG_DONE, flags: NLM_F_MULTI, data: int32(0) }));
    expect([exchange.done, exchange.interrupted, exchange.replies.length]).toEqual([true, true, 2]);
    exchange.check();
  });

  test('of an old kernel ends with an NLMSG_DONE without a number', () => {
    const exchange = begin(true);
    exchange.receive(message({ type: NLMSG_DONE }));
    expect(exchange.done).toBe(true);
    exchange.check();
  });

  test('throws when the kernel says that data are lost', () => {
    expect(() => begin().receive(message({ type: NLMSG_OVERRUN }))).toThrow(OSError);
    expect(() => begin().receive(message({ type: NLMSG_OVERRUN }))).toThrow(/ENOBUFS/);
  });
});
