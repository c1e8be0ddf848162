import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  AF_BLUETOOTH,
  BDADDR_ANY,
  BT_VOICE_CVSD_16BIT,
  BT_VOICE_TRANSPARENT,
  BTPROTO_SCO,
  BtScmPktStatus,
  bluetoothOptions,
} from '@bsd-sockets/bluetooth';
import { connectedPair } from '@bsd-sockets/family-testkit';
import { CMSG_SPACE, SOCK_SEQPACKET, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { capitalsServer, conformance, cpython, LONG, lab, python, twoAdapters } from './adapters';

const sco = lab('SOCK_SEQPACKET', 'BTPROTO_SCO');
const emulator = fileURLToPath(new URL('voice-emulator.mjs', import.meta.url));
// The number that the emulator gives to its one connection of voice.
const VOICE = 0x0e00;
const [here, there] = await twoAdapters(sco, process.execPath, '--single-threaded', emulator);

function pair(): [Socket<typeof AF_BLUETOOTH>, Socket<typeof AF_BLUETOOTH>] {
  return connectedPair(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_SCO, there.bdaddr, here.bdaddr);
}

/** Waits for the end of the last connection: the kernel ends it some time after its sockets. */
async function silence(): Promise<void> {
  const end = Date.now() + LONG * 1000;
  while (readdirSync('/sys/class/bluetooth').some((link) => link.endsWith(`:${VOICE}`))) {
    if (Date.now() > end) throw new Error('a connection stays');
    await setTimeout(10);
  }
}

describe.skipIf(!sco.available)(`SCO ${sco.reason}`, () => {
  beforeEach(silence);

  describe('the conformance suite', () => {
    conformance('resets', {
      family: AF_BLUETOOTH,
      type: SOCK_SEQPACKET,
      proto: BTPROTO_SCO,
      binds: [
        [BDADDR_ANY, BDADDR_ANY],
        [there.bdaddr, there.bdaddr],
        [Buffer.from(here.bdaddr), here.bdaddr],
      ],
      open: pair,
      connected: true,
    });
  });

  describe.skipIf(!python.available)(`with CPython ${python.reason}`, () => {
    test('as the client', async () => {
      using server = new Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_SCO);
      server.settimeout(LONG);
      server.bind(there.bdaddr);
      server.listen();
      const peer = cpython(`
s = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_SEQPACKET, socket.BTPROTO_SCO)
s.bind(b"${here.bdaddr}")
s.connect(b"${there.bdaddr}")
s.send(b"from CPython")
print(s.recv(100), s.getpeername())
`);
      const [connection, address] = server.accept();
      using _connection = connection;
      expect(address).toBe(here.bdaddr);
      expect(connection.recv(100).toString()).toBe('from CPython');
      connection.send(Buffer.from('from node'));
      expect(await peer.line()).toBe(`b'from node' ${there.bdaddr}`);
      await peer.finish();
    });

    test('as the server, by promises', async () => {
      const peer = capitalsServer(SOCK_SEQPACKET, 'BTPROTO_SCO', `b"${there.bdaddr}"`);
      expect(await peer.line()).toBe('ready');
      using client = new promises.Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_SCO);
      client.settimeout(LONG);
      await client.bind(here.bdaddr);
      await client.connect(there.bdaddr);
      expect(await peer.line()).toBe(here.bdaddr);
      await client.send(Buffer.from('from node'));
      expect((await client.recv(100)).toString()).toBe('FROM NODE');
      client.close();
      await peer.finish();
    });
  });

  test('a packet is at most as long as the controller says, and has a status', () => {
    const [first, second] = pair();
    using _first = first;
    using _second = second;
    second.settimeout(LONG);
    const mtu = first.getOption(bluetoothOptions.SCO_OPTIONS);
    expect(mtu).toBe(64);
    expect([first.getOption(bluetoothOptions.BT_SNDMTU), first.getOption(bluetoothOptions.BT_RCVMTU)]).toEqual([
      64, 64,
    ]);
    expect(first.getOption(bluetoothOptions.SCO_CONNINFO)).toEqual({
      hciHandle: expect.any(Number),
      devClass: expect.any(Buffer),
    });
    second.setOption(bluetoothOptions.BT_PKT_STATUS, true);
    expect(second.getOption(bluetoothOptions.BT_PKT_STATUS)).toBe(true);
    first.send(Buffer.alloc(mtu, 'voice'));
    const [data, ancdata] = second.recvmsg(100, CMSG_SPACE(1));
    expect(data).toEqual(Buffer.alloc(mtu, 'voice'));
    expect(BtScmPktStatus.decode(ancdata)).toBe(0);
    expect(() => first.send(Buffer.alloc(mtu + 1))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  test('the kind of voice is kept', () => {
    using socket = new Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_SCO);
    socket.bind(here.bdaddr);
    expect(socket.getOption(bluetoothOptions.BT_VOICE)).toBe(BT_VOICE_CVSD_16BIT);
    socket.setOption(bluetoothOptions.BT_VOICE, BT_VOICE_TRANSPARENT);
    expect(socket.getOption(bluetoothOptions.BT_VOICE)).toBe(BT_VOICE_TRANSPARENT);
  });
});
