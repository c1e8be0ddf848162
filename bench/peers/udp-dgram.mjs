// udp-dgram send|recv|gso BATCH: the work of udp-single.mjs and udp-batch.mjs with node:dgram, a datagram a call. An
// operation is BATCH datagrams.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { serve, uncounted } from './rounds.mjs';

const SIZES = { send: 64, recv: 64, gso: 1200 };
/** As in the others. */
const QUEUED = 512;
const RECEIVE_BUFFER = 1024 * 1024;

const kind = process.argv[2];
const batch = Number(process.argv[3]);
const data = Buffer.alloc(SIZES[kind]);
const sender = createSocket('udp4');

function send(count) {
  for (let number = count * batch; number > 0; number--) sender.send(data);
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
    for (; count > 0; count -= QUEUED / batch) {
      const batches = Math.min(count, QUEUED / batch);
      missing = batches * batch;
      uncounted(() => send(batches));
      await new Promise((resolve) => {
        done = resolve;
      });
    }
  };
  return [receiver.address().port, recv];
}

async function sending() {
  // Nobody reads the datagrams of this one, as a socket of node:dgram would. The receiver has nothing of ours, which keeps freed
  // memory for all.
  const { AF_INET, SOCK_DGRAM, Socket } = await import('@bsd-sockets/socket');
  const unread = new Socket(AF_INET, SOCK_DGRAM);
  unread.bind(['127.0.0.1', 0]);
  process.on('exit', () => unread.close());
  return [unread.getsockname()[1], send];
}

const [port, work] = kind === 'recv' ? await receiving() : await sending();
sender.connect(port, '127.0.0.1');
await once(sender, 'connect');
await serve(work);
process.exit(); // its sockets would keep it alive
