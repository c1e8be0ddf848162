import { createInterface } from 'node:readline';

let outside = 0n;

/** Does what is no part of the work that is measured. */
export function uncounted(call) {
  const begin = process.hrtime.bigint();
  call();
  outside += process.hrtime.bigint() - begin;
}

/**
 * The work of rounds whose messages come back one by one, so many of them under way.
 *
 * @param send - Sends one.
 * @returns `work`, as {@link serve} takes it, and `arrived`, to be called when one has come.
 */
export function underWay(window, send) {
  let unsent = 0;
  let missing = 0;
  let done;
  const sendNext = () => {
    if (unsent-- > 0) send();
  };
  return {
    work(count) {
      [unsent, missing] = [count, count];
      const received = new Promise((resolve) => {
        done = resolve;
      });
      for (let sent = 0; sent < window; sent++) sendNext();
      return received;
    },
    arrived() {
      sendNext();
      // After an addon's callbacks nobody does what promises have to do.
      if (--missing === 0) setImmediate(done);
    },
  };
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
