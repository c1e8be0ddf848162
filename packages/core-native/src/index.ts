// What the package exports. `scripts/constants-entry.mjs` adds the constants to what is built of `names.ts`.
export * from './generated/constants';
export * from './names';
