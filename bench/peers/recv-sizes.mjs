// recv-sizes SIZE ASKED: sends messages of SIZE bytes into one end of a unix socketpair, and receives them at the other by calls
// that ask for ASKED bytes.
import { SO_RCVBUF, SO_SNDBUF, SOL_SOCKET, socketpair } from '@bsd-sockets/socket';
import { serve } from './rounds.mjs';

const SOCKET_BUFFER = 256 * 1024;
/** So much fits in at once: of a longer message one such piece after the other is sent and received. */
const PIECE = 128 * 1024;

const [, , size, asked] = process.argv.map(Number);
const piece = Buffer.alloc(Math.min(size, PIECE));
const [sender, receiver] = socketpair();
for (const end of [sender, receiver]) {
  end.setsockopt(SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
  end.setsockopt(SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
}

await serve((count) => {
  for (let pieces = count * (size / piece.length); pieces > 0; pieces--) {
    sender.send(piece);
    let missing = piece.length;
    while (missing > 0) missing -= receiver.recv(asked).length;
  }
});
