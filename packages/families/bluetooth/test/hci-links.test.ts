// How it keeps connections: packages/drop-ins/bluetooth-hci-socket/test, with emulated adapters.
import { randomBytes, randomInt } from 'node:crypto';
import { encodeHciPacket, HciLinks, hciOpcode } from '@bsd-sockets/bluetooth';
import { expect, test } from 'vitest';

const links = new HciLinks(0, '00:AA:01:00:00:42');
const never = () => expect.unreachable();

test('packets that make no connection are to be sent, and change nothing', () => {
  const command = (ocf: number, length: number, fill = 0) =>
    encodeHciPacket({ kind: 'command', opcode: hciOpcode(0x08, ocf), parameters: Buffer.alloc(length, fill) });
  for (const packet of [
    command(0x0006, 15), // LE Set Advertising Parameters
    command(0x000e, 0), // LE Create Connection Cancel, without a connection
    command(0x000d, 25, 1), // LE Create Connection by the filter's list of devices
    command(0x000d, 24), // and one that is too short
    command(0x0043, 10), // LE Extended Create Connection that is too short
    Buffer.from('02400000', 'hex'),
    Buffer.alloc(0),
  ]) {
    expect(links.takes(packet, never)).toBe(false);
  }
  links.close();
});

test('hostile bytes are no connection', () => {
  for (let round = 0; round < 2000; round++) {
    const packet = Buffer.concat([Buffer.of(4, randomInt(256)), randomBytes(randomInt(40))]);
    // An event of Bluetooth LE, which would open a connection.
    if (packet[1] !== 0x3e) links.notice(packet);
    links.notice(Buffer.concat([Buffer.of(4, 0x3e), randomBytes(randomInt(4))]));
    expect(links.takes(packet, never)).toBe(false);
  }
});

test('bad arguments are refused by their names', () => {
  for (const [call, name, code] of [
    [() => new HciLinks(-1, '00:AA:01:00:00:42'), 'device', 'ERR_OUT_OF_RANGE'],
    [() => new HciLinks(0, 'hci0'), 'bdaddr', 'ERR_INVALID_ARG_VALUE'],
    [() => links.takes('text' as any, never), 'packet', 'ERR_INVALID_ARG_TYPE'],
    [() => links.takes(Buffer.alloc(4), undefined as any), 'otherwise', 'ERR_INVALID_ARG_TYPE'],
    [() => links.notice(1 as any), 'packet', 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    expect(call).toThrow(name);
    expect(call).toThrow(expect.objectContaining({ code }));
  }
});
