// udp-single send|recv|pktinfo [ASKED]: datagrams of 64 bytes over UDP loopback, one a call; receives ask for 64 bytes, or for so many.
import {
  AF_INET,
  CMSG_SPACE,
  IP_PKTINFO,
  IPPROTO_IP,
  IpPktinfo,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
  Socket,
} from '@bsd-sockets/socket';
import { serve, uncounted } from './rounds.mjs';

const SIZE = 64;
/** So many find room in the receiver's queue. */
const QUEUED = 512;
const RECEIVE_BUFFER = 1024 * 1024;
const CONTROL = CMSG_SPACE(12);

const receiver = new Socket(AF_INET, SOCK_DGRAM);
receiver.setsockopt(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
receiver.bind(['127.0.0.1', 0]);
const sender = new Socket(AF_INET, SOCK_DGRAM);
sender.connect(receiver.getsockname());
const data = Buffer.alloc(SIZE);
const [, , kind, asked = SIZE] = process.argv;
const bufsize = Number(asked);

function send(count) {
  while (count-- > 0) sender.send(data);
}

/** Has the datagrams sent first, which is not counted. */
function queued(receive) {
  return (count) => {
    for (; count > 0; count -= QUEUED) {
      const size = Math.min(count, QUEUED);
      uncounted(() => send(size));
      receive(size);
    }
  };
}

function recv(count) {
  while (count-- > 0) receiver.recvfrom(bufsize);
}

function pktinfo(count) {
  while (count-- > 0) {
    const [, ancdata] = receiver.recvmsg(bufsize, CONTROL);
    if (IpPktinfo.decode(ancdata).ifindex === 0) throw new Error('no interface');
  }
}

if (kind === 'pktinfo') receiver.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
await serve({ send, recv: queued(recv), pktinfo: queued(pktinfo) }[kind]);
