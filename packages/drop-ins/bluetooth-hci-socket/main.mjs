// What `require` gives is the class itself, with the other exports on it, as programs know it; for `import` it is the default.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

function replace(name, before, after) {
  const file = new URL(`dist/${name}`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(before)) throw new Error(`dist/${name} is not as it was`);
  writeFileSync(file, text.replace(before, after));
}

replace(
  'index.js',
  "{ ...require('./bundle.js') }",
  "Object.assign(require('./bundle.js').loadDriver('default'), require('./bundle.js'))",
);
replace('index.js', ' default,', '');
replace('index.mjs', ' default,', '');
appendFileSync(new URL('dist/index-module.mjs', import.meta.url), "export { default } from './bundle.mjs';\n");
