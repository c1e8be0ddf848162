import { createInterface } from 'node:readline';

let outside = 0n;

/** Does what is no part of the work that is measured. */
export function uncounted(call) {
  const begin = process.hrtime.bigint();
  call();
  outside += process.hrtime.bigint() - begin;
}

/** Answers each line `run N` with the nanoseconds that `work(N)` took; `work` may return a promise. */
export async function serve(work) {
  for await (const line of createInterface({ input: process.stdin })) {
    const count = Number(line.slice('run '.length));
    outside = 0n;
    const begin = process.hrtime.bigint();
    const done = work(count);
    if (done !== undefined) await done;
    process.stdout.write(`${process.hrtime.bigint() - begin - outside}\n`);
  }
}
