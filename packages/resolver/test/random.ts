/** Numbers that a seed decides: SEED in the environment repeats a run. It prints the seed. */
export function random(): { below(limit: number): number; pick<Item>(items: ArrayLike<Item>): Item } {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);
  console.log(`SEED=${seed}`);
  let state = seed >>> 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, pick: (items) => items[below(items.length)]! };
}
