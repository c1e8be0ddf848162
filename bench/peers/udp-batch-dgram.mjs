// udp-batch-dgram send|recv|gso: the work of udp-batch.mjs with node:dgram, a datagram a call.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { AF_INET, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import { serve, uncounted } from './rounds.mjs';

const BATCH = 64;
const SIZES = { send: 64, recv: 64, gso: 1200 };
/** As in udp-batch.mjs. */
const QUEUED = 8;
const RECEIVE_BUFFER = 1024 * 1024;

const kind = process.argv[2];
const data = Buffer.alloc(SIZES[kind]);
const sender = createSocket('udp4');

function send(count) {
  for (let number = count * BATCH; number > 0; number--) sender.send(data);
}

async function receiving() {
  const receiver = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  let missing = 0;
  let done;
  receiver.on('message', () => {
    if (--missing === 0) done();
  });
  const recv = async (count) => {
    for (; count > 0; count -= QUEUED) {
      const batches = Math.min(count, QUEUED);
      missing = batches * BATCH;
      uncounted(() => send(batches));
      await new Promise((resolve) => {
        done = resolve;
      });
    }
  };
  return [receiver.address().port, recv];
}

/** A port whose datagrams nobody reads, as a socket of node:dgram would. */
function unread() {
  const receiver = new Socket(AF_INET, SOCK_DGRAM);
  receiver.bind(['127.0.0.1', 0]);
  return [receiver.getsockname()[1], send, receiver];
}

const [port, work] = kind === 'recv' ? await receiving() : unread();
sender.connect(port, '127.0.0.1');
await once(sender, 'connect');
await serve(work);
process.exit(); // its sockets would keep it alive
