// A package with the interface of `socketcan`: sends frames over a virtual bus of its own, 8 under way, to another channel.
import { spawnSync } from 'node:child_process';
import { addon, leaveOut } from './npm-addon.mjs';
import { serve, underWay } from './rounds.mjs';

const WINDOW = 8;
const [, , name] = process.argv;
const bus = `vcan-${process.pid}`;

const { createRawChannelWithOptions } = addon(name);
for (const words of [`add dev ${bus} type vcan`, `set up ${bus}`]) {
  const { status } = spawnSync('ip', ['link', ...words.split(' ')]);
  if (status !== 0) leaveOut('no virtual CAN bus: pnpm lab has it');
}
const [sender, receiver] = [true, false].map((non_block_send) => createRawChannelWithOptions(bus, { non_block_send }));
const message = { id: 0x123, data: Buffer.alloc(8) };
const { work, arrived } = underWay(WINDOW, () => {
  if (sender.send(message) < 0) throw new Error('a frame is not sent');
});

receiver.addListener('onMessage', arrived);
receiver.start();

await serve(work);
process.exit(); // its channel would keep it alive
