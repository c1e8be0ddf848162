import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

/**
 * Gives exported functions and classes the names that esbuild changes: `_Socket` in a class that names itself, `Socket2` of the
 * second in a bundle. esbuild's own `keepNames` would define the name of every closure whenever a call makes one.
 */
const exportedNames: Plugin = {
  name: 'exported-names',
  renderChunk(code, { map }) {
    const classes = [...code.matchAll(/^var (\w+) = class (_\1\d*)\b/gm)];
    // As long as before: the columns of the source map hold.
    const names = new Map(classes.map(([, name, inner]) => [inner!, name!.padStart(inner!.length)]));
    const exports = [...code.matchAll(/^ {2}(\w+): \(\) => (\1\d+),?$/gm)].filter(([, , inner]) =>
      new RegExp(`^(var ${inner} = class|((async )?function\\*?|class) ${inner})\\b`, 'm').test(code),
    );
    const definitions = exports.map(
      ([, name, inner]) => `__defProp(${inner}, 'name', { value: '${name}', configurable: true });\n`,
    );
    const renamed = code.replace(/\b_\w+\b/g, (word) => names.get(word) ?? word);
    return { code: `${renamed}\n${definitions.join('')}`, map: map ?? null };
  },
};

/** The build of every package: one CommonJS implementation (`scripts/esm-entry.mjs` adds the ECMAScript modules). */
export function library(options: Options = {}) {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['cjs'],
    target: 'node20',
    dts: true,
    sourcemap: true,
    clean: true,
    plugins: [exportedNames],
    ...options,
  });
}
