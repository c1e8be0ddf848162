// async-stack [LIMIT]: receives of 64 bytes that wait and succeed, called from three asynchronous functions. With a limit of 0
// V8 collects no frames for any error, and nothing of ours can have a cost for them.
import { socketpair } from '@bsd-sockets/socket/promises';
import { serve } from './rounds.mjs';

const [, , limit] = process.argv;
if (limit !== undefined) Error.stackTraceLimit = Number(limit);
const [near, far] = socketpair();
const data = Buffer.alloc(64);

async function receive() {
  const waiting = near.recv(64);
  await far.send(data);
  return await waiting;
}

async function answer() {
  return await receive();
}

await serve(async (count) => {
  for (let done = 0; done < count; done++) await answer();
});
near.close();
far.close();
