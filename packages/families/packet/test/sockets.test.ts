import { capability, socketConformance } from '@bsd-sockets/family-testkit';
import { AF_PACKET, ARPHRD_LOOPBACK, PACKET_HOST, type PacketAddress } from '@bsd-sockets/packet';
import { SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { describe, test } from 'vitest';

const dgram = capability('AF_PACKET', 'SOCK_DGRAM');
// EtherTypes for experiments: a packet socket hears all that is sent with its own.
const FIRST = 0x88b6;
const SECOND = 0x88b5;

describe.skipIf(!dgram.available)(`packet sockets on lo ${dgram.reason}`, () => {
  const second: PacketAddress = ['lo', SECOND, PACKET_HOST, ARPHRD_LOOPBACK, Buffer.alloc(6)];
  const bound = (proto: number) => {
    const socket = new Socket(AF_PACKET, SOCK_DGRAM, 0);
    socket.bind(['lo', proto]);
    return socket;
  };
  const checks = socketConformance({
    family: AF_PACKET,
    type: SOCK_DGRAM,
    binds: [[['lo', SECOND], second]],
    open: () => [bound(FIRST), bound(SECOND)],
    connected: false,
    to: () => second,
    from: () => second,
  });
  for (const { name, run } of checks) test(name, run);
});
