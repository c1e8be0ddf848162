import { codecConformance } from '@bsd-sockets/family-testkit';
import {
  AF_PACKET,
  decodeEthernet,
  decodeVlanTag,
  decodeVnetHeader,
  encodeEthernet,
  encodeVnetHeader,
  formatHardwareAddress,
  packetOptions,
  parseHardwareAddress,
} from '@bsd-sockets/packet';
import { familyOf, SOCK_RAW } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { PacketBlock } from '../src/block';

const TYPE = { code: 'ERR_INVALID_ARG_TYPE' };
const RANGE = { code: 'ERR_OUT_OF_RANGE' };

describe.skipIf(without('Linux'))('addresses (Linux)', () => {
  const checks = codecConformance({
    family: familyOf(AF_PACKET),
    type: SOCK_RAW,
    accepted: [
      [
        ['lo', 3],
        ['lo', 3, 0, 0, Buffer.alloc(0)],
      ],
      [
        [Buffer.from('lo'), 0x88b5, 4],
        ['lo', 0x88b5, 4, 0, Buffer.alloc(0)],
      ],
      [
        ['', 0xffff, 255, 0xffff, Buffer.from('12345678')],
        ['', 0xffff, 255, 0xffff, Buffer.from('12345678')],
      ],
      [
        ['lo', 0, 1, 772, new Uint8Array(6).fill(7)],
        ['lo', 0, 1, 772, Buffer.alloc(6, 7)],
      ],
    ],
    refused: [
      ['lo', { ...TYPE, message: /^address: .*AF_PACKET/ }],
      [['lo'], { ...TYPE, message: /^address: / }],
      [['lo', 3, 0, 1, Buffer.alloc(6), 9], { ...TYPE, message: /^address: / }],
      [[1, 3], { ...TYPE, message: /^address\[0\]: / }],
      [['no such one', 3], { code: 'ENODEV' }],
      [['lo\0', 3], { code: 'ERR_INVALID_ARG_VALUE' }],
      [['lo', '3'], { ...TYPE, message: /^address\[1\]: / }],
      [['lo', 65536], { ...RANGE, message: /^address\[1\]: / }],
      [['lo', -1], { ...RANGE, message: /^address\[1\]: / }],
      [['lo', 3, 256], { ...RANGE, message: /^address\[2\]: / }],
      [['lo', 3, 0, 65536], { ...RANGE, message: /^address\[3\]: / }],
      [['lo', 3, 0, 1, 'text'], { ...TYPE, message: /^address\[4\]: / }],
      [['lo', 3, 0, 1, Buffer.alloc(9)], { code: 'ERR_INVALID_ARG_VALUE', message: /^address\[4\]: / }],
    ],
  });
  for (const { name, run } of checks) test(name, run);
});

let seed = 1;
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}
const randomBytes = (length: number) => Buffer.from(Array.from({ length }, () => random(256)));

describe('Ethernet headers', () => {
  test('come out as they went in', () => {
    for (let round = 0; round < 500; round++) {
      const header = {
        destination: randomBytes(6),
        source: randomBytes(6),
        etherType: [0x800, 0x86dd, 0x88b5, random(1501)][random(4)]!,
        tags: Array.from({ length: random(4) }, () => decodeVlanTag(random(65536), [0x8100, 0x88a8][random(2)]!)),
      };
      const payload = randomBytes(random(20));
      const encoded = encodeEthernet(header);
      expect(encoded.length).toBe(14 + 4 * header.tags.length);
      const decoded = decodeEthernet(Buffer.concat([encoded, payload]));
      expect(decoded).toEqual({ header, payload });
      // Not in Node's pool, where the addresses of others lie.
      expect(decoded?.header.source.buffer.byteLength).toBe(6);
      for (let cut = 0; cut < encoded.length; cut++) expect(decodeEthernet(encoded.subarray(0, cut))).toBeUndefined();
    }
  });

  test('are those of IEEE 802.1Q', () => {
    const tags = [{ id: 5, priority: 3, dropEligible: true }];
    const encoded = encodeEthernet({
      destination: Buffer.alloc(6, 255),
      source: Buffer.alloc(6),
      etherType: 0x0800,
      tags,
    });
    expect(encoded.toString('hex')).toBe('ffffffffffff00000000000081007005' + '0800');
  });

  const good = { destination: Buffer.alloc(6), source: Buffer.alloc(6), etherType: 0x800 };
  test.each([
    [null, 'ERR_INVALID_ARG_TYPE', /^header: /],
    [{ ...good, destination: Buffer.alloc(5) }, 'ERR_INVALID_ARG_VALUE', /^destination: /],
    [{ ...good, source: '02:00:00:00:00:01' }, 'ERR_INVALID_ARG_TYPE', /^source: /],
    [{ ...good, etherType: 65536 }, 'ERR_OUT_OF_RANGE', /^etherType: /],
    [{ ...good, tags: {} }, 'ERR_INVALID_ARG_TYPE', /^tags: /],
    [{ ...good, tags: [null] }, 'ERR_INVALID_ARG_TYPE', /^tags\[0\]: /],
    [{ ...good, tags: [{ id: 4096 }] }, 'ERR_OUT_OF_RANGE', /^tags\[0\]\.id: /],
    [{ ...good, tags: [{ id: 1, priority: 8 }] }, 'ERR_OUT_OF_RANGE', /^tags\[0\]\.priority: /],
    [{ ...good, tags: [{ id: 1, tpid: 0x800 }] }, 'ERR_INVALID_ARG_VALUE', /^tags\[0\]\.tpid: /],
  ])('refuse %j', (header, code, message) => {
    const call = () => encodeEthernet(header as never);
    expect(call).toThrowError(expect.objectContaining({ code }));
    expect(call).toThrowError(message);
  });
});

test('hardware addresses are read and written', () => {
  expect(formatHardwareAddress(parseHardwareAddress('02:aB:00:00:00:01'))).toBe('02:ab:00:00:00:01');
  expect(parseHardwareAddress('02-ab')).toEqual(Buffer.from([2, 0xab]));
  for (const text of ['', '2:0', '02:00-01', '02:', 'xx:00', '0200']) {
    expect(() => parseHardwareAddress(text)).toThrowError(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  }
});

test('virtio headers come out as they went in', () => {
  const header = { flags: 1, gsoType: 4, headerLength: 54, gsoSize: 1448, checksumStart: 34, checksumOffset: 16 };
  expect(decodeVnetHeader(Buffer.concat([encodeVnetHeader(header), Buffer.from('x')]))).toEqual({
    header,
    frame: Buffer.from('x'),
  });
  expect(decodeVnetHeader(Buffer.alloc(9))).toBeUndefined();
});

test.skipIf(without('Linux'))('blocks of any content are read within their bounds (Linux)', () => {
  let found = 0;
  for (let round = 0; round < 3000; round++) {
    const memory = randomBytes(random(400));
    const length = random(memory.length + 1);
    // Small numbers, so that frames are found, too.
    for (let at = 12; at + 4 <= memory.length; at += 4) if (random(2) === 0) memory.writeUInt32LE(random(300), at);
    const block = new PacketBlock(memory);
    expect(block.read(length)).toBe(block.count);
    found += block.count;
    for (let index = 0; index < block.count; index++) {
      expect(block.offset(index) + block.nbytes(index)).toBeLessThanOrEqual(length);
      expect(block.data(index).byteOffset).toBe(memory.byteOffset + block.offset(index));
    }
    for (const frame of block.frames()) {
      void [frame.length, frame.timestamp, frame.status, frame.losing, frame.vlan, frame.rxhash, frame.address];
    }
  }
  expect(found).toBeGreaterThan(100);
});

test('options refuse what they do not take', () => {
  const { PACKET_ADD_MEMBERSHIP, PACKET_FANOUT } = packetOptions;
  const encode = (option: { codec: { encode?: unknown } }, value: unknown) =>
    (option.codec.encode as (value: unknown, name: string) => Uint8Array)(value, 'value');
  expect(() => encode(PACKET_ADD_MEMBERSHIP, 1)).toThrowError(expect.objectContaining(TYPE));
  expect(() => encode(PACKET_ADD_MEMBERSHIP, { ifindex: -1, type: 1 })).toThrowError(/^value\.ifindex: /);
  expect(() => encode(PACKET_ADD_MEMBERSHIP, { ifindex: 1, type: 0, address: Buffer.alloc(9) })).toThrowError(
    /^value\.address: /,
  );
  expect(() => encode(PACKET_FANOUT, { id: 65536, type: 0 })).toThrowError(expect.objectContaining(RANGE));
  expect(encode(PACKET_FANOUT, { id: 5, type: 1, flags: 0x1000 })).toHaveLength(4);
  expect(encode(PACKET_FANOUT, { id: 5, type: 1, maxMembers: 3 })).toHaveLength(8);
});
