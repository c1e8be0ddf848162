// Looks whether memory grows: bench/README.md says how. Usage: node --expose-gc bench/memory-growth.mjs [OPERATIONS].
// It ends with 1 if it does.
import {
  AF_INET,
  CMSG_SPACE,
  close,
  IP_PKTINFO,
  IPPROTO_IP,
  IpPktinfo,
  MessageBatch,
  options,
  recvFds,
  SOCK_DGRAM,
  Socket,
  sendFds,
  socketpair,
} from '@bsd-sockets/socket';
import { socketpair as asyncPair, createConnection, createServer } from '@bsd-sockets/socket/promises';

const OPERATIONS = Number(process.argv[2] ?? 1e7);
/** The memory is looked at after so many parts of the operations; the first ones are the warm-up. */
const PARTS = 20;
const WARM_UP = 4;
/** Growth of less than this, in bytes, is the garbage collector's and the allocator's own. */
const ALLOWED = 8 * 2 ** 20;
const BATCH = 64;

const data = Buffer.alloc(64);
/** What is not to be collected. */
const sockets = [];

function udpPair() {
  const receiver = new Socket(AF_INET, SOCK_DGRAM);
  receiver.bind(['127.0.0.1', 0]);
  const sender = new Socket(AF_INET, SOCK_DGRAM);
  sender.connect(receiver.getsockname());
  sockets.push(sender, receiver);
  return [sender, receiver];
}

/** Each does so many operations. A large one counts as several, so that all last about as long. */
const works = {
  'send and recv': () => {
    const [a, b] = socketpair();
    sockets.push(a, b);
    return (count) => {
      while (count-- > 0) {
        a.send(data);
        b.recv(64);
      }
    };
  },
  'send and recv with promises': () => {
    const [a, b] = asyncPair();
    sockets.push(a, b);
    return async (count) => {
      while (count-- > 0) {
        const received = b.recv(64);
        await a.send(data);
        await received;
      }
    };
  },
  'recvfrom, and recvmsg with a control message': () => {
    const [sender, receiver] = udpPair();
    receiver.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
    return (count) => {
      for (; count > 0; count -= 2) {
        sender.send(data);
        receiver.recvfrom(64);
        sender.send(data);
        IpPktinfo.decode(receiver.recvmsg(64, CMSG_SPACE(12))[1]);
      }
    };
  },
  'sendmmsg and recvmmsg': () => {
    const [sender, receiver] = udpPair();
    const outgoing = new MessageBatch(sender, BATCH, 64);
    while (outgoing.length < BATCH) outgoing.push(data);
    const incoming = new MessageBatch(receiver, BATCH, 64);
    return (count) => {
      for (; count > 0; count -= BATCH) {
        sender.sendmmsg(outgoing);
        receiver.recvmmsg(incoming);
      }
    };
  },
  'sendFds, recvFds and close': () => {
    const [a, b] = socketpair();
    sockets.push(a, b);
    return (count) => {
      for (; count > 0; count -= 10) {
        sendFds(a, [data], [a.fileno()]);
        close(recvFds(b, 64, 1)[1][0]);
      }
    };
  },
  'connect, accept and close with promises': async () => {
    const server = await createServer(['127.0.0.1', 0]);
    return async (count) => {
      for (; count > 0; count -= 10) {
        const accepted = server.accept();
        const client = await createConnection(server.getsockname());
        const [connection] = await accepted;
        client.setOption(options.SO_LINGER, 0); // no port is kept for it
        client.close();
        connection.close();
      }
    };
  },
};

function memory() {
  global.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, used: heapUsed + external };
}

if (!global.gc) throw new Error('run it with node --expose-gc');
let grown = false;
for (const [name, prepare] of Object.entries(works)) {
  const work = await prepare();
  const seen = [];
  for (let part = 0; part < PARTS; part++) {
    await work(Math.ceil(OPERATIONS / Object.keys(works).length / PARTS));
    seen.push(memory());
  }
  const growth = (key) => seen.at(-1)[key] - seen[WARM_UP - 1][key];
  const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(2);
  console.log(`${name}: resident ${mebibytes(growth('rss'))} MiB more, in use ${mebibytes(growth('used'))} MiB more`);
  grown ||= growth('rss') > ALLOWED || growth('used') > ALLOWED;
}
for (const socket of sockets) socket.close();
console.log(grown ? 'memory has grown' : 'memory has not grown');
process.exit(grown ? 1 : 0);
