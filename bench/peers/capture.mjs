// capture recv|ring|ring-into: receives the frames of bench1, a call for each, or from a ring, with an object for each or none.
import { writeSync } from 'node:fs';
import { AF_PACKET, PacketBlock, PacketRing } from '@bsd-sockets/packet';
import { SO_RCVBUFFORCE, SOCK_RAW, SOL_SOCKET, Socket } from '@bsd-sockets/socket';

const ETHER_TYPE = 0x88b5;
const LAST = 14;
const RECEIVE_BUFFER = 4 * 1024 * 1024;

const socket = new Socket(AF_PACKET, SOCK_RAW, 0);
let received = 0;

function tell(number) {
  writeSync(1, `${number}\n`);
}

function take(bytes, offset) {
  received++;
  if (bytes[offset + LAST] !== 1) return;
  tell(received);
  received = 0;
}

const [, , kind] = process.argv;
if (kind === 'recv') {
  socket.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
  socket.bind(['bench1', ETHER_TYPE]);
  tell(1);
  for (;;) take(socket.recv(2048), 0);
}
const ring = new PacketRing(socket, { blockSize: 256 * 1024, blockCount: 16, retireTimeout: 0.01 });
socket.bind(['bench1', ETHER_TYPE]);
tell(1);
if (kind === 'ring') for (const { data } of ring) take(data, 0);
const block = new PacketBlock(Buffer.alloc(ring.blockSize));
for (;;) {
  ring.recvInto(block);
  for (let index = 0; index < block.count; index++) take(block.buffer, block.offset(index));
}
