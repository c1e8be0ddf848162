import {
  AF_BLUETOOTH,
  BTPROTO_HCI,
  bluetoothOptions,
  decodeBdaddr,
  decodeHciMessage,
  decodeHciPacket,
  encodeHciPacket,
  HCI_CHANNEL_MONITOR,
  HCI_CHANNEL_RAW,
  HCI_CHANNEL_USER,
  HCI_COMMAND_PKT,
  HCI_DEV_NONE,
  HCI_EVENT_PKT,
  HCI_MON_COMMAND_PKT,
  HCI_MON_EVENT_PKT,
  HCI_MON_NEW_INDEX,
  HciCmsgDir,
  HciCmsgTstamp,
  type HciPacket,
  hciEventMask,
  hciOpcode,
  hciTypeMask,
  MGMT_OP_READ_INFO,
  MGMT_OP_READ_VERSION,
  MGMT_OP_SET_LOCAL_NAME,
  MGMT_OP_SET_POWERED,
} from '@bsd-sockets/bluetooth';
import { program } from '@bsd-sockets/family-testkit';
import { CMSG_SPACE, fromfd, SOCK_RAW, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { conformance, cpython, LONG, lab, Management, Peer, python, twoAdapters } from './adapters';

const hci = lab('SOCK_RAW', 'BTPROTO_HCI');
const btmon = program('btmon', 'bluez');
const [here, there] = await twoAdapters(hci, 'btvirt', '-l2');

const READ_BD_ADDR = hciOpcode(4, 9);
const READ_LOCAL_NAME = hciOpcode(3, 0x14);
const COMMAND_COMPLETE = 0x0e;

function raw(device: number): Socket<typeof AF_BLUETOOTH> {
  const socket = new Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);
  socket.settimeout(LONG);
  socket.bind(device);
  socket.setOption(bluetoothOptions.HCI_FILTER, {
    typeMask: hciTypeMask(HCI_EVENT_PKT),
    eventMask: hciEventMask(COMMAND_COMPLETE),
    opcode: READ_BD_ADDR,
  });
  return socket;
}

const command = encodeHciPacket({ kind: 'command', opcode: READ_BD_ADDR });

/** The parameters of an answer to READ_BD_ADDR: how many more commands may come, which one it was, its status, the address. */
function answered(packet: HciPacket, bdaddr: string): void {
  expect(packet).toMatchObject({ kind: 'event', event: COMMAND_COMPLETE });
  const { parameters } = packet as Extract<HciPacket, { kind: 'event' }>;
  expect([parameters.readUInt16LE(1), parameters.readUInt8(3)]).toEqual([READ_BD_ADDR, 0]);
  expect(decodeBdaddr(parameters.subarray(4))).toBe(bdaddr);
}

describe.skipIf(!hci.available)(`HCI ${hci.reason}`, () => {
  describe('the conformance suite', () => {
    const answer = Buffer.from('040e0a01091000', 'hex');
    conformance('ends', {
      family: AF_BLUETOOTH,
      type: SOCK_RAW,
      proto: BTPROTO_HCI,
      binds: [
        [here.index, here.index],
        [[there.index], there.index],
        [[there.index, HCI_CHANNEL_RAW], there.index],
        [HCI_DEV_NONE],
        // The monitor has no name.
        [[HCI_DEV_NONE, HCI_CHANNEL_MONITOR]],
      ],
      open: () => {
        const socket = raw(there.index);
        return [socket, socket];
      },
      connected: false,
      // A command goes to the controller, whose answer tells no sender.
      data: command,
      received: Buffer.concat([answer, Buffer.from(there.bdaddr.replaceAll(':', ''), 'hex').reverse()]),
      from: () => undefined,
    });
  });

  test('a descriptor is taken over before it has a name, as in Python', () => {
    const unbound = new Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);
    using copy = fromfd(unbound.fileno(), AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);
    using adopted = new Socket(-1, -1, -1, unbound.detach());
    expect([copy.family, adopted.family, adopted.type, adopted.proto]).toEqual([
      AF_BLUETOOTH,
      AF_BLUETOOTH,
      SOCK_RAW,
      BTPROTO_HCI,
    ]);
  });

  test('a command is answered, with its direction and time', () => {
    using socket = raw(here.index);
    socket.setOption(bluetoothOptions.HCI_DATA_DIR, true);
    socket.setOption(bluetoothOptions.HCI_TIME_STAMP, true);
    expect([
      socket.getOption(bluetoothOptions.HCI_DATA_DIR),
      socket.getOption(bluetoothOptions.HCI_TIME_STAMP),
    ]).toEqual([true, true]);
    socket.send(command);
    const [data, ancdata] = socket.recvmsg(300, CMSG_SPACE(4) + CMSG_SPACE(16));
    answered(decodeHciPacket(data), here.bdaddr);
    expect(HciCmsgDir.decode(ancdata)).toBe(true);
    const age = BigInt(Date.now()) * 1_000_000n - HciCmsgTstamp.decode(ancdata)!;
    expect(Math.abs(Number(age))).toBeLessThan(LONG * 1e9);
  });

  test('by promises, adapters answer side by side', async () => {
    const answers = await Promise.all(
      [here, there].map(async ({ index }) => {
        using socket = promises.Socket.from(raw(index));
        await socket.send(command);
        return decodeHciPacket(await socket.recv(300));
      }),
    );
    answered(answers[0]!, here.bdaddr);
    answered(answers[1]!, there.bdaddr);
  });

  test('a filter passes what it says', () => {
    using socket = raw(here.index);
    const filter = socket.getOption(bluetoothOptions.HCI_FILTER);
    expect(filter).toEqual({
      typeMask: hciTypeMask(HCI_EVENT_PKT),
      eventMask: hciEventMask(COMMAND_COMPLETE),
      opcode: READ_BD_ADDR,
    });
    // The answer to another command stays out.
    socket.send(encodeHciPacket({ kind: 'command', opcode: READ_LOCAL_NAME }));
    socket.send(command);
    answered(decodeHciPacket(socket.recv(300)), here.bdaddr);
    // What this host sends comes in too.
    socket.setOption(bluetoothOptions.HCI_FILTER, { typeMask: hciTypeMask(HCI_COMMAND_PKT), eventMask: 0 });
    using other = raw(here.index);
    other.send(command);
    expect(decodeHciPacket(socket.recv(300))).toEqual({
      kind: 'command',
      opcode: READ_BD_ADDR,
      parameters: Buffer.alloc(0),
    });
    // And an empty filter passes nothing.
    socket.setOption(bluetoothOptions.HCI_FILTER, { typeMask: 0, eventMask: 0 });
    other.send(command);
    answered(decodeHciPacket(other.recv(300)), here.bdaddr);
    answered(decodeHciPacket(other.recv(300)), here.bdaddr);
    socket.setblocking(false);
    expect(() => socket.recv(300)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  test.skipIf(!python.available)(`CPython hears the same answer ${python.reason}`, async () => {
    const peer = cpython(`
import struct
s = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
s.setsockopt(socket.SOL_HCI, socket.HCI_FILTER, struct.pack("IIIH2x", 1 << 4, 1 << 14, 0, ${READ_BD_ADDR}))
s.bind((${there.index},))
print("ready")
print(s.recv(300).hex())
`);
    expect(await peer.line()).toBe('ready');
    using socket = raw(there.index);
    socket.send(command);
    const packet = socket.recv(300);
    answered(decodeHciPacket(packet), there.bdaddr);
    expect(await peer.line()).toBe(packet.toString('hex'));
    await peer.finish();
  });

  test('the monitor tells what passes', async () => {
    using monitor = new promises.Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);
    monitor.settimeout(LONG);
    await monitor.bind([HCI_DEV_NONE, HCI_CHANNEL_MONITOR]);
    using socket = raw(there.index);
    socket.send(command);
    const seen = new Map<number, number>();
    for (;;) {
      const { code, index, parameters } = decodeHciMessage(await monitor.recv(65_541));
      seen.set(code, index);
      if (code !== HCI_MON_EVENT_PKT || index !== there.index || parameters[0] !== COMMAND_COMPLETE) continue;
      answered(decodeHciPacket(Buffer.concat([Buffer.of(HCI_EVENT_PKT), parameters])), there.bdaddr);
      break;
    }
    expect([...seen.keys()]).toEqual(expect.arrayContaining([HCI_MON_NEW_INDEX, HCI_MON_COMMAND_PKT]));
    expect(seen.get(HCI_MON_COMMAND_PKT)).toBe(there.index);
  });

  test.skipIf(!btmon.available)(`btmon reads what was sent ${btmon.reason}`, async () => {
    const peer = new Peer('btmon');
    await peer.lineLike(/= Open Index|= Index Info/);
    using socket = raw(there.index);
    socket.send(command);
    await peer.lineLike(/HCI Command: Read BD ADDR \(0x04\|0x0009\)/);
    expect(await peer.lineLike(/Address: /)).toContain(there.bdaddr);
  });

  test('the management interface answers', async () => {
    const management = await Management.open();
    using _socket = management.socket;
    const [version] = await management.command({ code: MGMT_OP_READ_VERSION });
    expect(version).toBe(1);
    const name = Buffer.concat([Buffer.from('adapter of a test')], 249 + 11);
    await management.command({ code: MGMT_OP_SET_LOCAL_NAME, index: here.index, parameters: name });
    const info = await management.command({ code: MGMT_OP_READ_INFO, index: here.index });
    expect(decodeBdaddr(info.subarray(0, 6))).toBe(here.bdaddr);
    expect(info.subarray(20).toString('latin1').split('\0')[0]).toBe('adapter of a test');
    const failing = management.command({ code: MGMT_OP_READ_INFO, index: 99 });
    await expect(failing).rejects.toThrow(/adapter 99: status 17/);
  });

  test('an adapter that is off can be taken over whole', async () => {
    const management = await Management.open();
    using _socket = management.socket;
    const power = (on: boolean) =>
      management.command({ code: MGMT_OP_SET_POWERED, index: here.index, parameters: Buffer.of(Number(on)) });
    await power(false);
    {
      using socket = new Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);
      socket.settimeout(LONG);
      socket.bind([here.index, HCI_CHANNEL_USER]);
      expect(socket.getsockname()).toEqual([here.index, HCI_CHANNEL_USER]);
      socket.send(command);
      answered(decodeHciPacket(socket.recv(300)), here.bdaddr);
    }
  });

  test('an adapter that is not there is an error that tells which', () => {
    using socket = new Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);
    expect(() => socket.bind(99)).toThrow(expect.objectContaining({ code: 'ENODEV', address: 99 }));
  });
});
