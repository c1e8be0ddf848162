// A UDP echo server on promises, which writes its port to its standard output.
import { AF_INET, SOCK_DGRAM, Socket } from '@bsd-sockets/socket/promises';

const SIZE = 64;

const socket = new Socket(AF_INET, SOCK_DGRAM);
await socket.bind(['127.0.0.1', 0]);
console.log(socket.getsockname()[1]);
for (;;) {
  const [data, address] = await socket.recvfrom(SIZE);
  await socket.sendto(data, address);
}
