import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

/**
 * Gives functions and classes the names that esbuild changes: `_Socket` in a class that names itself, `Socket2` of the second
 * in a bundle. esbuild's own `keepNames` would define the name of every closure whenever a call makes one.
 */
const ownNames: Plugin = {
  name: 'own-names',
  renderChunk(code, { map }) {
    const classes = [...code.matchAll(/^var (\w+) = class _(\w+?)\d*\b/gm)];
    const exports = [...code.matchAll(/^ {2}(\w+): \(\) => (\1\d+),?$/gm)]
      .filter(([, , inner]) =>
        new RegExp(`^(var ${inner} = class|((async )?function\\*?|class) ${inner})\\b`, 'm').test(code),
      )
      .map(([line, name, inner]) => [line, inner, name]);
    const names = new Map([...classes, ...exports].map(([, inner, name]) => [inner, name]));
    const definitions = [...names].map(
      ([inner, name]) => `Object.defineProperty(${inner}, 'name', { value: '${name}', configurable: true });\n`,
    );
    return { code: `${code}\n${definitions.join('')}`, map: map ?? null };
  },
};

/**
 * Takes a namespace of ours as it is: esbuild would copy it, with a getter for each name, to be ready for modules that have a
 * default export.
 */
const ownNamespaces: Plugin = {
  name: 'own-namespaces',
  renderChunk(code, { map }) {
    return { code: code.replace(/__toESM\((require\("@bsd-sockets\/[^"]+"\))\)/g, '$1'), map: map ?? null };
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
    plugins: [ownNames, ownNamespaces],
    ...options,
  });
}
