// Sends from the same buffers, and receives into them, time after time; asks for their memory in between, which may move it.
const { AF_UNIX, SOCK_DGRAM, socketpair } = require('@bsd-sockets/socket');

const makers = [
  (size) => new Uint8Array(size),
  (size) => Buffer.alloc(size),
  (size) => Buffer.from('x'.repeat(size)),
  (size) => new Uint8Array(new SharedArrayBuffer(size)),
];
const collect = globalThis.Bun ? () => Bun.gc(true) : (globalThis.gc ?? (() => {}));
const [sender, receiver] = socketpair(AF_UNIX, SOCK_DGRAM);

for (const size of [16, 64, 900, 5000]) {
  for (const make of makers) {
    const view = make(size);
    for (let time = 1; time <= 16; time++) {
      if (time === 5) new Uint8Array(view.buffer)[view.byteOffset] = 0;
      if (time === 6) collect();
      view.fill(time);
      sender.send(view);
      if (receiver.recv(70_000).some((byte) => byte !== time)) throw new Error(`sent other bytes than ${time}`);
      if (time === 11) view.buffer;
      sender.send(Buffer.alloc(size, time));
      view.fill(0);
      receiver.recvInto(view);
      if (view.some((byte) => byte !== time)) throw new Error(`received other bytes than ${time}`);
    }
  }
}
console.log('all as it was');
