import {
  AF_BLUETOOTH,
  BDADDR_ANY,
  BDADDR_LE_PUBLIC,
  BT_ISO_PHY_2M,
  BT_ISO_QOS_CIG_UNSET,
  BT_ISO_QOS_CIS_UNSET,
  BTPROTO_ISO,
  bluetoothOptions,
  type IsoAddress,
} from '@bsd-sockets/bluetooth';
import { program } from '@bsd-sockets/family-testkit';
import { SOCK_SEQPACKET, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { advertise, conformance, enableIso, LONG, lab, linkedPair, Peer, twoAdapters } from './adapters';

const hci = lab('SOCK_RAW', 'BTPROTO_HCI');
if (hci.available) await enableIso();
const iso = lab('SOCK_SEQPACKET', 'BTPROTO_ISO');
const isotest = program('isotest', 'bluez');
const [here, there] = await twoAdapters(iso, 'btvirt', '-l2');
if (iso.available) await advertise(there);

const server: IsoAddress = [there.bdaddr, BDADDR_LE_PUBLIC];
const client: IsoAddress = [here.bdaddr, BDADDR_LE_PUBLIC];

function open(): Socket<typeof AF_BLUETOOTH> {
  const socket = new Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_ISO);
  socket.settimeout(LONG);
  return socket;
}

describe.skipIf(!iso.available)(`ISO ${iso.reason}`, () => {
  describe('the conformance suite', () => {
    conformance('resets', {
      family: AF_BLUETOOTH,
      type: SOCK_SEQPACKET,
      proto: BTPROTO_ISO,
      binds: [
        [server, server],
        [
          [BDADDR_ANY, BDADDR_LE_PUBLIC],
          [BDADDR_ANY, BDADDR_LE_PUBLIC],
        ],
      ],
      open: () => linkedPair(SOCK_SEQPACKET, BTPROTO_ISO, server, client),
      connected: true,
    });
  });

  test('a stream has the quality that was asked for', async () => {
    using listener = open();
    listener.bind(server);
    listener.listen();
    using socket = open();
    socket.bind(client);
    const io = { interval: 10_000, latency: 10, sdu: 40, phy: BT_ISO_PHY_2M, rtn: 2 };
    const unicast = {
      cig: BT_ISO_QOS_CIG_UNSET,
      cis: BT_ISO_QOS_CIS_UNSET,
      sca: 7,
      packing: 0,
      framing: 0,
      in: io,
      out: { ...io, sdu: 60 },
    };
    socket.setOption(bluetoothOptions.BT_ISO_QOS, { unicast });
    expect(socket.getOption(bluetoothOptions.BT_ISO_QOS).unicast).toEqual(unicast);
    socket.connect(server);
    using connection = listener.accept()[0];
    expect(socket.getOption(bluetoothOptions.BT_ISO_QOS).unicast).toMatchObject({ in: { sdu: 40 }, out: { sdu: 60 } });
    expect(connection.getOption(bluetoothOptions.BT_ISO_QOS).unicast).toMatchObject({
      in: { sdu: 60 },
      out: { sdu: 40 },
    });
    for (let count = 0; count < 5; count++) {
      socket.send(Buffer.alloc(60, count));
      expect(connection.recv(100)).toEqual(Buffer.alloc(60, count));
    }
  });

  describe.skipIf(!isotest.available)(`with isotest ${isotest.reason}`, () => {
    // That of BlueZ 5.66 sends nothing: it sets BT_ISO_QOS with a structure that newer kernels refuse.
    test('sends what it receives, by promises', async () => {
      const peer = new Peer('isotest', '-d', '-i', there.bdaddr, '-V', 'le_public');
      await peer.lineLike(/Waiting for connection/);
      using socket = promises.Socket.from(open());
      await socket.bind(client);
      await socket.connect(server);
      await peer.lineLike(/Connected/);
      await socket.send(Buffer.alloc(40, 'iso'));
      await peer.lineLike(/Received 40 bytes/);
    });
  });
});
