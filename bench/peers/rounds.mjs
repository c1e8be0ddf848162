import { createInterface } from 'node:readline';

/** Answers each line `run N` with the nanoseconds that `work(N)` took; `work` may return a promise. */
export async function serve(work) {
  for await (const line of createInterface({ input: process.stdin })) {
    const count = Number(line.slice('run '.length));
    const begin = process.hrtime.bigint();
    const done = work(count);
    if (done !== undefined) await done;
    process.stdout.write(`${process.hrtime.bigint() - begin}\n`);
  }
}
