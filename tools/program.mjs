// Uses both faces and a family: every tool of docs/bundling.md has to bring it to the same end.
import { deepEqual, equal } from 'node:assert/strict';
import { AF_CAN, decodeFrame, encodeFrame } from '@bsd-sockets/can';
import { AF_UNIX, familyOf, SO_TYPE, SOCK_RAW, SOCK_STREAM, SOL_SOCKET, socketpair } from '@bsd-sockets/socket';
import { socketpair as promised } from '@bsd-sockets/socket/promises';

async function main() {
  const [a, b] = socketpair(AF_UNIX, SOCK_STREAM);
  a.sendall(Buffer.from('blocking'));
  equal(b.recv(100).toString(), 'blocking');
  equal(a.getsockopt(SOL_SOCKET, SO_TYPE), SOCK_STREAM);

  const [c, d] = promised();
  const waits = c.recv(100);
  setTimeout(() => d.send(Buffer.from('promised')), 1);
  equal((await waits).toString(), 'promised');
  for (const socket of [a, b, c, d]) socket.close();

  // The family's constants and codecs are in its own package, its registry in that of the socket.
  const bytes = familyOf(AF_CAN).encode(['lo'], { family: AF_CAN, type: SOCK_RAW, proto: 1, fileno: () => -1 });
  equal(bytes.length, 24);
  deepEqual(decodeFrame(encodeFrame({ id: 1, data: Buffer.from('framed') })).data, Buffer.from('framed'));
  console.log('the program works');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
