import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { openDescriptors } from './open-descriptors';

/** One thing that a family must get right: a test for any runner, as in `test(check.name, check.run)`. */
export interface Check {
  /** What is checked. */
  readonly name: string;
  /** Rejects if the family gets it wrong, or leaves a descriptor open. */
  readonly run: () => Promise<void>;
}

// Test runners open files of their own now and then, and close them soon.
const LOOKS = 10;

/** A check that also fails if a descriptor stays open after it. */
export function check(name: string, body: () => void | Promise<void>): Check {
  const run = async () => {
    const before = openDescriptors();
    await body();
    for (let look = 0; ; look++) {
      const left = Array.from(openDescriptors()).filter((descriptor) => !before.has(descriptor));
      if (left.length === 0) return;
      assert(look < LOOKS, `descriptors that stay open: ${left.join(', ')}`);
      await setTimeout(20);
    }
  };
  return { name, run };
}
