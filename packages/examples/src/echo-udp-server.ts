// Sends each datagram back to where it came from, until an empty one comes.
// usage: echo-udp-server.js [PORT [HOST]]
import { AF_INET, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';

const PORT = Number(process.argv[2] ?? 50007); // any port above 1023; 0 for one that is free
const HOST = process.argv[3] ?? ''; // all interfaces

using s = new Socket(AF_INET, SOCK_DGRAM);
s.bind([HOST, PORT]);
console.log('Listening at', s.getsockname());
for (;;) {
  const [data, addr] = s.recvfrom(65535);
  if (data.length === 0) break;
  console.log('Datagram from', addr);
  if (addr) s.sendto(data, addr);
}
