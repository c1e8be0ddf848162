// Finds the routers on the way to a host, without privileges: each answers to a datagram whose TTL it used up, and the kernel
// keeps the answer in the error queue of the socket.
// usage: traceroute.js HOST [MOST-HOPS [SECONDS]]
import {
  AF_INET,
  CMSG_SPACE,
  getaddrinfo,
  type InetAddress,
  IpRecverr,
  MSG_ERRQUEUE,
  OSError,
  options,
  POLLERR,
  poll,
  SOCK_DGRAM,
  Socket,
} from '@bsd-sockets/socket';

const [, , HOST = 'localhost', MOST_HOPS = '30', SECONDS = '1'] = process.argv;
const PORT = 33434; // and the following: ports that nobody listens at
const TIME_EXCEEDED = 11;

const [[, , , , address]] = getaddrinfo(HOST, PORT, AF_INET, SOCK_DGRAM) as [any];
const [target] = address as InetAddress;

using s = new Socket(AF_INET, SOCK_DGRAM);
s.setOption(options.IP_RECVERR, true);
const poller = poll();
poller.register(s, 0); // errors are told in any case

/** Who answers to a datagram that lives for as many hops: its address, and whether it is the end of the way. */
function probe(ttl: number): [host: string, isEnd: boolean] | undefined {
  s.setOption(options.IP_TTL, ttl);
  s.sendto(Buffer.from('where are you?'), [target, PORT + ttl]);
  const [event] = poller.poll(Number(SECONDS));
  if (event === undefined || !(event[1] & POLLERR)) return undefined;
  const [, ancdata] = s.recvmsg(512, CMSG_SPACE(64), MSG_ERRQUEUE);
  const { type, offender } = IpRecverr.decode(ancdata)!;
  return [offender![0], type !== TIME_EXCEEDED];
}

for (let ttl = 1; ttl <= Number(MOST_HOPS); ttl++) {
  try {
    const [host, isEnd] = probe(ttl) ?? ['*', false];
    console.log(`${ttl} ${host}`);
    if (isEnd) break;
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    console.log(`${ttl} ${error.code}`);
    break;
  }
}
