import { randomBytes } from 'node:crypto';
import {
  AF_BLUETOOTH,
  BT_SECURITY_HIGH,
  BtScmPktStatus,
  bluetoothOptions,
  HCI_EVENT_PKT,
  HCI_VENDOR_PKT,
  HciCmsgDir,
  HciCmsgTstamp,
  hciEventMask,
  hciTypeMask,
  type IsoIoQos,
  L2CAP_MODE_ERTM,
} from '@bsd-sockets/bluetooth';
import { type AcceptedOptionValue, type Option, type OptionValue, readControl } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

function hex<O extends Option<any, never>>(option: O, value: AcceptedOptionValue<O>): string {
  const { codec, name } = option as unknown as Option<any, any>;
  return Buffer.from(codec.encode!(value, name)).toString('hex');
}

function value<O extends Option<any, never>>(option: O, bytes: string): OptionValue<O> {
  return option.codec.decode!(Buffer.from(bytes, 'hex'));
}

describe.skipIf(without('Linux'))('options (Linux)', () => {
  test('of a filter are a struct hci_ufilter', () => {
    const filter = { typeMask: hciTypeMask(HCI_EVENT_PKT), eventMask: hciEventMask(0x0e, 0x3e), opcode: 0x1001 };
    const bytes = '10000000' + '00400000' + '00000040' + '0110' + '0000';
    expect(hex(bluetoothOptions.HCI_FILTER, filter)).toBe(bytes);
    expect(value(bluetoothOptions.HCI_FILTER, bytes)).toEqual(filter);
    expect(value(bluetoothOptions.HCI_FILTER, bytes.slice(0, 28))).toEqual(filter);
    expect(hex(bluetoothOptions.HCI_FILTER, { typeMask: 2 ** 32 - 1, eventMask: 2n ** 64n - 1n })).toBe(
      `${'f'.repeat(24)}00000000`,
    );
    expect(hex(bluetoothOptions.HCI_FILTER, { typeMask: 0, eventMask: 5 })).toBe(
      '0000000005000000000000000000' + '0000',
    );
  });

  test('the masks of a filter have the bits that the kernel looks at', () => {
    expect([hciTypeMask(), hciTypeMask(1, 2, 31), hciTypeMask(HCI_VENDOR_PKT)]).toEqual([0, 0x80000006, 1]);
    expect([hciEventMask(), hciEventMask(63, 0), hciEventMask(0xff)]).toEqual([0n, 2n ** 63n + 1n, 2n ** 63n]);
    expect(() => hciTypeMask(256)).toThrow(/^type: /);
    expect(() => hciEventMask(-1)).toThrow(/^event: /);
  });

  test('of security and of L2CAP are their structures', () => {
    expect(hex(bluetoothOptions.BT_SECURITY, { level: BT_SECURITY_HIGH })).toBe('0300');
    expect(hex(bluetoothOptions.BT_SECURITY, { level: 1, keySize: 16 })).toBe('0110');
    expect(value(bluetoothOptions.BT_SECURITY, '0207')).toEqual({ level: 2, keySize: 7 });
    const options = {
      omtu: 0x102,
      imtu: 0x304,
      flushTo: 0xffff,
      mode: L2CAP_MODE_ERTM,
      fcs: 1,
      maxTx: 3,
      txwinSize: 63,
    };
    const bytes = Buffer.concat([
      Buffer.from(new Uint16Array([0x102, 0x304, 0xffff]).buffer),
      Buffer.of(3, 1, 3, 0),
      Buffer.from(new Uint16Array([63]).buffer),
    ]).toString('hex');
    expect(hex(bluetoothOptions.L2CAP_OPTIONS, options)).toBe(bytes);
    expect(value(bluetoothOptions.L2CAP_OPTIONS, bytes)).toEqual(options);
    expect(hex(bluetoothOptions.BT_POWER, true)).toBe('01');
    expect(value(bluetoothOptions.L2CAP_CONNINFO, '2a000c010b00')).toEqual({
      hciHandle: 42,
      devClass: Buffer.from('0c010b', 'hex'),
    });
  });

  test('of a stream are a struct bt_iso_qos', () => {
    const io: IsoIoQos = { interval: 10_000, latency: 10, sdu: 40, phy: 2, rtn: 5 };
    const ioBytes = '10270000' + '0a00' + '2800' + '02' + '05' + '0000';
    const unicast = { cig: 0xff, cis: 0xfe, sca: 7, packing: 1, framing: 0, in: io, out: { ...io, rtn: 2 } };
    const bytes = `fffe070100000000${ioBytes}${ioBytes.replace('0205', '0202')}`.padEnd(120, '0');
    expect(hex(bluetoothOptions.BT_ISO_QOS, { unicast })).toBe(bytes);
    expect(value(bluetoothOptions.BT_ISO_QOS, bytes).unicast).toEqual(unicast);
    const broadcast = {
      big: 1,
      bis: 2,
      syncFactor: 3,
      packing: 0,
      framing: 1,
      in: io,
      out: io,
      encryption: 1,
      bcode: Buffer.from('0123456789abcdef'),
      options: 4,
      skip: 5,
      syncTimeout: 0x4000,
      syncCteType: 6,
      mse: 7,
      timeout: 0x4001,
    };
    const tail = `01${broadcast.bcode.toString('hex')}040500004006070140`;
    const expected = `0102030001000000${ioBytes}${ioBytes}${tail}`.padEnd(120, '0');
    expect(hex(bluetoothOptions.BT_ISO_QOS, { broadcast })).toBe(expected);
    expect(value(bluetoothOptions.BT_ISO_QOS, expected).broadcast).toEqual(broadcast);
    const short = { broadcast: { ...broadcast, bcode: Buffer.alloc(15) } };
    expect(() => hex(bluetoothOptions.BT_ISO_QOS, short)).toThrow(/^BT_ISO_QOS\.broadcast\.bcode: /);
    expect(() => hex(bluetoothOptions.BT_ISO_QOS, {} as never)).toThrow(/^BT_ISO_QOS: /);
    const bad = { unicast: { ...unicast, out: { ...io, sdu: -1 } } };
    expect(() => hex(bluetoothOptions.BT_ISO_QOS, bad)).toThrow(/^BT_ISO_QOS\.unicast\.out\.sdu: /);
  });

  test('refuse what they cannot hold', () => {
    expect(() => hex(bluetoothOptions.HCI_FILTER, undefined as never)).toThrow(/^HCI_FILTER: /);
    expect(() => hex(bluetoothOptions.HCI_FILTER, { typeMask: -1, eventMask: 0 })).toThrow(/^HCI_FILTER\.typeMask: /);
    expect(() => hex(bluetoothOptions.HCI_FILTER, { typeMask: 0, eventMask: 2n ** 64n })).toThrow(
      /^HCI_FILTER\.eventMask: /,
    );
    const opcode = { typeMask: 0, eventMask: 0, opcode: 2 ** 16 };
    expect(() => hex(bluetoothOptions.HCI_FILTER, opcode)).toThrow(/^HCI_FILTER\.opcode: /);
    expect(() => hex(bluetoothOptions.BT_SECURITY, 2 as never)).toThrow(/^BT_SECURITY: /);
    expect(() => hex(bluetoothOptions.BT_SECURITY, { level: 256 })).toThrow(/^BT_SECURITY\.level: /);
    expect(() => hex(bluetoothOptions.BT_POWER, 1 as never)).toThrow(/^BT_POWER: /);
    expect(() => hex(bluetoothOptions.BT_SNDMTU, 2 ** 16)).toThrow(/^BT_SNDMTU: /);
  });
});

type Kind = { readonly level: number; readonly type: number };
const message = ({ level, type }: Kind, data: Uint8Array) => [level, type, Buffer.from(data)] as const;

describe.skipIf(without('Linux'))('control messages (Linux)', () => {
  test('have their values', () => {
    expect(BtScmPktStatus.decode([message(BtScmPktStatus, Buffer.of(3))])).toBe(3);
    const dir = (value: number) => message(HciCmsgDir, new Uint8Array(new Int32Array([value]).buffer));
    expect([HciCmsgDir.decode([dir(1)]), HciCmsgDir.decode([dir(0)])]).toEqual([true, false]);
    const time = new Uint8Array(new BigInt64Array([1_700_000_000n, 123_456n]).buffer);
    expect(HciCmsgTstamp.decode([message(HciCmsgTstamp, time)])).toBe(1_700_000_000_123_456_000n);
    expect(readControl([message(HciCmsgTstamp, time)], AF_BLUETOOTH)[0]).toMatchObject({ name: 'HCI_CMSG_TSTAMP' });
  });

  test('of hostile bytes never throw', () => {
    for (let length = 0; length < 64; length++) {
      for (const { level, type } of [BtScmPktStatus, HciCmsgDir, HciCmsgTstamp]) {
        expect(() => readControl([[level, type, randomBytes(length)]], AF_BLUETOOTH)).not.toThrow();
      }
    }
  });
});
