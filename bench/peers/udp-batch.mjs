// udp-batch send|recv|gso: 64 datagrams at a time over UDP loopback.
import { AF_INET, MessageBatch, options, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET, Socket } from '@bsd-sockets/socket';
import { serve, uncounted } from './rounds.mjs';

const BATCH = 64;
const SIZE = 64;
const SEGMENT = 1200;
const SEGMENTS = 32;
/** So many batches find room in the receiver's queue. */
const QUEUED = 8;
const RECEIVE_BUFFER = 1024 * 1024;

const receiver = new Socket(AF_INET, SOCK_DGRAM);
receiver.setsockopt(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
receiver.bind(['127.0.0.1', 0]);
const sender = new Socket(AF_INET, SOCK_DGRAM);
sender.connect(receiver.getsockname());

function outgoing(count, size) {
  const batch = new MessageBatch(sender, count, size);
  while (batch.length < count) batch.push(Buffer.alloc(size));
  return batch;
}

const datagrams = outgoing(BATCH, SIZE);
const buffers = outgoing(BATCH / SEGMENTS, SEGMENT * SEGMENTS);
const incoming = new MessageBatch(receiver, BATCH, SIZE);

function send(batch, count) {
  while (count-- > 0) {
    if (sender.sendmmsg(batch) < batch.length) throw new Error('not all was sent');
  }
}

function receive(count) {
  for (let missing = count * BATCH; missing > 0; ) missing -= receiver.recvmmsg(incoming);
}

function recv(count) {
  for (; count > 0; count -= QUEUED) {
    const batches = Math.min(count, QUEUED);
    uncounted(() => send(datagrams, batches));
    receive(batches);
  }
}

const works = {
  send: (count) => send(datagrams, count),
  recv,
  gso: (count) => send(buffers, count),
};
const kind = process.argv[2];
if (kind === 'gso') sender.setOption(options.UDP_SEGMENT, SEGMENT);
await serve(works[kind]);
