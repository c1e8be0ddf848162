// Gives the built package in the current folder its ECMAScript modules: each re-exports the CommonJS build, so that a
// program which loads both gets the same classes and the same registry. What rollup makes of a `require` asks for a default.
import { readdir, writeFile } from 'node:fs/promises';

for (const file of await readdir('dist')) {
  if (!file.endsWith('.js') || file === 'bundle.js') continue;
  const name = file.slice(0, -'.js'.length);
  const text = `export * from './${file}';\nexport { default } from './${file}';\n`;
  await writeFile(`dist/${name}.mjs`, text);
  await writeFile(`dist/${name}.d.mts`, text);
}
