import { randomNumbers } from '../../core-native/test/random-numbers';

/** Numbers that a seed decides: SEED in the environment repeats a run. It prints the seed. */
export function random(): { below(limit: number): number; pick<Item>(items: ArrayLike<Item>): Item } {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);
  console.log(`SEED=${seed}`);
  const next = randomNumbers(seed);
  const below = (limit: number) => next() % limit;
  return { below, pick: (items) => items[below(items.length)]! };
}
