// The work of fd-pass.mjs with the npm package usocket, on the event loop.
import { closeSync } from 'node:fs';
import { socketpair } from '@bsd-sockets/socket';
import { addon } from './npm-addon.mjs';
import { serve } from './rounds.mjs';

const { USocket } = addon('usocket');
const fds = socketpair().map((end) => end.detach());
const [sender, receiver] = fds.map((fd) => new USocket({ fd }));
const byte = Buffer.alloc(1);

let missing = 0;
let done;

function pass() {
  sender.write({ data: byte, fds: [sender.fd] });
}

receiver.on('readable', () => {
  for (let got = receiver.read(1, 1); got?.fds.length > 0; got = receiver.read(1, 1)) {
    closeSync(got.fds[0]);
    if (--missing === 0) done();
    else pass();
  }
});

await serve((count) => {
  missing = count;
  pass();
  return new Promise((resolve) => {
    done = resolve;
  });
});
process.exit(); // its sockets would keep it alive
