// udp-echo-async [ASKED]: a UDP echo server on promises, which writes its port to its standard output. Its receives ask for 64 bytes, or
// for so many.
import { AF_INET, SOCK_DGRAM, Socket } from '@bsd-sockets/socket/promises';

const bufsize = Number(process.argv[2] ?? 64);

const socket = new Socket(AF_INET, SOCK_DGRAM);
await socket.bind(['127.0.0.1', 0]);
console.log(socket.getsockname()[1]);
for (;;) {
  const [data, address] = await socket.recvfrom(bufsize);
  await socket.sendto(data, address);
}
