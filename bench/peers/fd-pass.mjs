// Passes a descriptor over a unix socketpair with one byte, receives its duplicate and closes that.
import { close, recvFds, sendFds, socketpair } from '@bsd-sockets/socket';
import { serve } from './rounds.mjs';

const [sender, receiver] = socketpair();
const byte = Buffer.alloc(1);

await serve((count) => {
  while (count-- > 0) {
    sendFds(sender, [byte], [sender.fileno()]);
    const [, [fd]] = recvFds(receiver, 1, 1);
    close(fd);
  }
});
sender.close();
receiver.close();
