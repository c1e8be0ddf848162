import {
  AF_CAN,
  CAN_BCM,
  CAN_BCM_RX_CHANGED,
  CAN_BCM_RX_FILTER_ID,
  CAN_BCM_RX_SETUP,
  CAN_ISOTP,
  CAN_J1939,
  CAN_MTU,
  CAN_RAW,
  decodeBcmMessage,
  decodeFrame,
  encodeBcmMessage,
  encodeFrame,
  J1939_NO_NAME,
  J1939_NO_PGN,
  ScmJ1939DestAddr,
} from '@bsd-sockets/can';
import { program } from '@bsd-sockets/family-testkit';
import { SOCK_DGRAM, SOCK_RAW } from '@bsd-sockets/socket';
import { Socket } from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { cpython, LONG, lab, Peer, receiver, virtualBus } from './vcan';

const raw = lab('SOCK_RAW', 'CAN_RAW');
const canUtils = program('candump', 'can-utils');
const python = program('python3', 'python3');
const bus = 'vcan-promises';
const text = Buffer.from('a message that needs several frames '.repeat(10));

function open(type: number, proto: number): Socket<typeof AF_CAN> {
  const socket = new Socket(AF_CAN, type, proto);
  socket.settimeout(LONG);
  return socket;
}

describe.skipIf(!raw.available)(`CAN by promises ${raw.reason}`, () => {
  virtualBus(bus, CAN_MTU);

  test.skipIf(!canUtils.available)(`sends and receives frames with can-utils ${canUtils.reason}`, async () => {
    using socket = open(SOCK_RAW, CAN_RAW);
    socket.bind([bus]);
    const receiving = socket.recvfrom(CAN_MTU);
    await new Peer('cansend', bus, '123#C0FFEE').finish();
    const [memory, address] = await receiving;
    expect(decodeFrame(memory)).toMatchObject({ id: 0x123, data: Buffer.from('c0ffee', 'hex') });
    expect(address).toEqual([bus]);

    const candump = await receiver(bus, 'candump', '-L', '-n', '1', bus);
    await socket.sendto(encodeFrame({ id: 7, rtr: true, dlc: 2 }), [bus]);
    expect(await candump.line()).toMatch(/ 007#R2$/);
    await candump.finish();
  });

  test('ends a receive by its timeout and by a signal', async () => {
    using socket = open(SOCK_RAW, CAN_RAW);
    socket.bind([bus]);
    socket.settimeout(0.05);
    await expect(socket.recv(CAN_MTU)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    socket.settimeout(LONG);
    const receiving = socket.recv(CAN_MTU, 0, { signal: AbortSignal.timeout(50) });
    await expect(receiving).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.skipIf(!canUtils.available)(`hears of frames by the broadcast manager ${canUtils.reason}`, async () => {
    using socket = open(SOCK_DGRAM, CAN_BCM);
    await socket.connect([bus]);
    await socket.send(encodeBcmMessage({ opcode: CAN_BCM_RX_SETUP, flags: CAN_BCM_RX_FILTER_ID, id: 0x42 }));
    const receiving = socket.recv(256);
    await new Peer('cansend', bus, '042#2A').finish();
    expect(decodeBcmMessage(await receiving)).toMatchObject({
      opcode: CAN_BCM_RX_CHANGED,
      frames: [{ id: 0x42, data: Buffer.of(0x2a) }],
    });
  });

  test.skipIf(!python.available)(`exchanges messages of ISO-TP and J1939 with CPython ${python.reason}`, async () => {
    const peer = cpython(
      bus,
      `
t = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_ISOTP)
t.bind((bus, 0x72, 0x71))
j = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_J1939)
j.bind((bus, socket.J1939_NO_NAME, socket.J1939_NO_PGN, 0x93))
print('ready')
t.send(t.recv(4096)[::-1])
data, address = j.recvfrom(4096)
j.sendto(data[::-1], address)
`,
    );
    using isotp = open(SOCK_DGRAM, CAN_ISOTP);
    isotp.bind([bus, 0x71, 0x72]);
    using j1939 = open(SOCK_DGRAM, CAN_J1939);
    j1939.bind([bus, J1939_NO_NAME, J1939_NO_PGN, 0x80]);
    expect(await peer.line()).toBe('ready');
    await isotp.send(text);
    expect(await isotp.recvfrom(4096)).toEqual([Buffer.from(text).reverse(), [bus, 0, 0]]);
    await j1939.sendto(text, [bus, J1939_NO_NAME, 0x12300, 0x93]);
    const [data, ancdata, , address] = await j1939.recvmsg(4096, 256);
    expect(data).toEqual(Buffer.from(text).reverse());
    expect(address).toEqual(['', 0n, 0x12300, 0x93]);
    expect(ScmJ1939DestAddr.decode(ancdata)).toBe(0x80);
    await peer.finish();
  });
});
