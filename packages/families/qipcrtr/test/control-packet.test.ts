import { randomBytes } from 'node:crypto';
import {
  decodeControlPacket,
  encodeControlPacket,
  QRTR_TYPE_BYE,
  QRTR_TYPE_DEL_CLIENT,
  QRTR_TYPE_DEL_LOOKUP,
  QRTR_TYPE_DEL_SERVER,
  QRTR_TYPE_HELLO,
  QRTR_TYPE_NEW_LOOKUP,
  QRTR_TYPE_NEW_SERVER,
  QRTR_TYPE_RESUME_TX,
} from '@bsd-sockets/qipcrtr';
import { describe, expect, test } from 'vitest';

/** Words as a processor with the low byte first has them. */
function words(...values: number[]): Buffer {
  const memory = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) memory.writeUInt32LE(value, 4 * index);
  return memory;
}

const ofServers = [QRTR_TYPE_NEW_SERVER, QRTR_TYPE_DEL_SERVER, QRTR_TYPE_NEW_LOOKUP, QRTR_TYPE_DEL_LOOKUP];
const ofClients = [QRTR_TYPE_DEL_CLIENT, QRTR_TYPE_RESUME_TX];
const ofNothing = [QRTR_TYPE_HELLO, QRTR_TYPE_BYE, 0, 99];

describe('control packets', () => {
  test.each(ofServers)('%i is about a server', (cmd) => {
    const packet = { cmd, service: 1, instance: 0x201, node: 3, port: 2 ** 32 - 1 };
    expect(encodeControlPacket(packet)).toEqual(words(cmd, 1, 0x201, 3, 2 ** 32 - 1));
    expect(decodeControlPacket(words(cmd, 1, 0x201, 3, 2 ** 32 - 1))).toEqual(packet);
    expect(encodeControlPacket({ cmd, instance: 5 })).toEqual(words(cmd, 0, 5, 0, 0));
  });

  test.each(ofClients)('%i is about a client', (cmd) => {
    const bytes = words(cmd, 3, 4, 0, 0);
    expect(encodeControlPacket({ cmd, node: 3, port: 4 })).toEqual(bytes);
    const packet = { cmd, service: undefined, instance: undefined, node: 3, port: 4 };
    expect(decodeControlPacket(bytes)).toEqual(packet);
    expect(encodeControlPacket(packet)).toEqual(bytes);
    expect(() => encodeControlPacket({ cmd, service: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringMatching(/^packet\.service: /) }),
    );
  });

  test.each(ofNothing)('%i is only a command', (cmd) => {
    expect(encodeControlPacket({ cmd })).toEqual(words(cmd, 0, 0, 0, 0));
    expect(decodeControlPacket(words(cmd))).toMatchObject({ cmd, service: undefined, port: undefined });
  });

  test('are refused by the name of what is wrong', () => {
    const cmd = QRTR_TYPE_NEW_SERVER;
    expect(() => encodeControlPacket(undefined as never)).toThrow(/^packet: /);
    expect(() => encodeControlPacket({} as never)).toThrow(/^packet\.cmd: /);
    expect(() => encodeControlPacket({ cmd, service: -1 })).toThrow(/^packet\.service: /);
    expect(() => encodeControlPacket({ cmd, instance: '1' as never })).toThrow(/^packet\.instance: /);
    expect(() => encodeControlPacket({ cmd, port: 2 ** 32 })).toThrow(/^packet\.port: /);
    expect(() => decodeControlPacket('packet' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('of any bytes are a record or a clear error', () => {
    const sizes = new Map([...ofServers.map((cmd) => [cmd, 20]), ...ofClients.map((cmd) => [cmd, 12])] as [
      number,
      number,
    ][]);
    for (const cmd of [...ofServers, ...ofClients, ...ofNothing]) {
      for (let length = 0; length <= 24; length++) {
        const bytes = Buffer.concat([words(cmd), randomBytes(20)]).subarray(0, length);
        const decode = () => decodeControlPacket(bytes);
        if (length >= (sizes.get(cmd) ?? 4)) expect(decode().cmd).toBe(cmd);
        else expect(decode).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
      }
    }
  });

  test('are read where they lie', () => {
    const memory = Uint8Array.from([0xff, ...words(QRTR_TYPE_DEL_CLIENT, 3, 4)]);
    expect(decodeControlPacket(memory.subarray(1))).toMatchObject({ node: 3, port: 4 });
    expect(decodeControlPacket(new DataView(memory.buffer, 1))).toMatchObject({ node: 3, port: 4 });
  });
});
