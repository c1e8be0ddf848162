import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

/**
 * Gives functions and classes the names that esbuild changes: `_Socket` in a class that names itself, `Socket2` of the second
 * in a bundle. esbuild's own `keepNames` would define the name of every closure whenever a call makes one. Within its body a
 * class goes by the name that it has there, which is also the one that the frames of a stack show.
 */
const ownNames: Plugin = {
  name: 'own-names',
  renderChunk(bundled, { map }) {
    const classes = [...bundled.matchAll(/^(?:var (\w+) = )?class (_([A-Z]\w*?)\d*) /gm)];
    // Not where another class of the bundle has the name: the body may mean that one.
    const isTaken = ([, outer, , name]: RegExpMatchArray) =>
      outer !== name && new RegExp(`^(var|let|const|class|function) ${name}\\b`, 'm').test(bundled);
    const kept = new Set(classes.filter(isTaken).map(([, , given]) => given));
    const code = classes
      .filter(([, , given]) => !kept.has(given))
      .reduce((text, [, , given, name]) => text.replace(new RegExp(`(?<![.\\w])${given}\\b`, 'g'), name!), bundled);
    const exports = [...code.matchAll(/^ {2}(\w+): \(\) => (\1\d+),?$/gm)]
      .filter(([, , inner]) =>
        new RegExp(`^(var ${inner} = class|((async )?function\\*?|class) ${inner})\\b`, 'm').test(code),
      )
      .map(([line, name, inner]) => [line, inner, name]);
    const apart = classes
      .filter(([, outer, given]) => outer !== undefined && kept.has(given))
      .map(([line, outer, , name]) => [line, outer, name]);
    const names = new Map([...apart, ...exports].map(([, inner, name]) => [inner, name]));
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

/**
 * Makes each name that is imported from a package of ours a variable. esbuild would look it up in the package's exports at every
 * use, which takes V8 over seventy instructions where there are more than a thousand of them.
 */
const ownImports: Plugin = {
  name: 'own-imports',
  renderChunk(code, { map }) {
    const used = new Map<string, Set<string>>();
    for (const [, module] of code.matchAll(/^var (import_\w+) = require\("@bsd-sockets\/[^"]+"\);$/gm)) {
      used.set(module!, new Set());
    }
    const uses = code.replace(/\b(import_\w+)\.(\w+)/g, (use, module, name) => {
      used.get(module)?.add(name);
      return used.has(module) ? `${module}_${name}` : use;
    });
    // On the same line, for the source map.
    const definitions = uses.replace(/^(var (import_\w+) = require\(.*\));$/gm, (line, require, module) => {
      const variables = Array.from(used.get(module) ?? [], (name) => `, ${module}_${name} = ${module}.${name}`);
      return used.has(module) ? `${require}${variables.join('')};` : line;
    });
    return { code: definitions, map: map ?? null };
  },
};

/** The build of every package: one CommonJS implementation (`scripts/esm-entry.mjs` adds the ECMAScript modules). */
export function library(options: Options = {}) {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['cjs'],
    target: 'node20',
    sourcemap: true,
    // The sources themselves are published, for the maps of the declarations too (`scripts/declarations.mjs`).
    esbuildOptions(options) {
      options.sourcesContent = false;
    },
    clean: true,
    plugins: [ownNames, ownNamespaces, ownImports],
    ...options,
  });
}
