// receive FACE BUS SECONDS: counts frames until none comes for so long, and prints how many there were.
// send FACE BUS COUNT: sends frames, and prints how many a second.
import { AF_CAN, CAN_RAW, frames, sendFrames } from '@bsd-sockets/can';
import { SOCK_RAW, Socket } from '@bsd-sockets/socket';
import { Socket as AsyncSocket } from '@bsd-sockets/socket/promises';

const [, , what, face, bus, argument] = process.argv;
const socket = new (face === 'blocking' ? Socket : AsyncSocket)(AF_CAN, SOCK_RAW, CAN_RAW);
socket.bind([bus]);

function* numbered(count) {
  const data = Buffer.alloc(8);
  for (let index = 0; index < count; index++) {
    data.writeUInt32LE(index);
    yield { id: index & 0x7ff, data };
  }
}

if (what === 'send') {
  const count = Number(argument);
  const start = performance.now();
  await sendFrames(socket, numbered(count));
  console.log(count / ((performance.now() - start) / 1000));
} else {
  let count = 0;
  socket.settimeout(60);
  const begun = () => {
    if (count++ === 0) socket.settimeout(Number(argument));
  };
  try {
    if (face === 'blocking') for (const _ of frames(socket)) begun();
    else for await (const _ of frames(socket)) begun();
  } catch (error) {
    if (error.code !== 'ETIMEDOUT') throw error;
  }
  console.log(count);
}
socket.close();
