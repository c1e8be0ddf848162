// pingpong-unix SIZE recv|recv-into|turns: sends SIZE bytes into one end of a unix socketpair and receives them at the other.
// With `turns` it sends from two buffers in turn.
import { SO_RCVBUF, SO_SNDBUF, SOL_SOCKET, socketpair } from '@bsd-sockets/socket';
import { serve } from './rounds.mjs';

/** The largest message fits in. */
const SOCKET_BUFFER = 256 * 1024;

const size = Number(process.argv[2]);
const data = Buffer.alloc(size);
const other = process.argv[3] === 'turns' ? Buffer.alloc(size) : data;
const buffer = Buffer.alloc(size);
const ends = socketpair();
for (const end of ends) {
  end.setsockopt(SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
  end.setsockopt(SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
}
const [sender, receiver] = ends;

function recv(count) {
  while (count-- > 0) {
    sender.send(count & 1 ? data : other);
    let missing = size;
    while (missing > 0) missing -= receiver.recv(missing).length;
  }
}

function recvInto(count) {
  while (count-- > 0) {
    sender.send(data);
    let received = receiver.recvInto(buffer);
    while (received < size) received += receiver.recvInto(buffer.subarray(received));
  }
}

await serve(process.argv[3] === 'recv-into' ? recvInto : recv);
