// Makes the entries of the built package in the current folder from its one bundle: `index.js` has what the bundle exports,
// and `promises.js` what its namespace of that name does, if it has one, as `node:fs/promises` is to `node:fs`. They are
// short, since Node reads a whole file for the names of its ECMAScript modules, and what they export are plain properties,
// which load faster than the getters of a bundle. Usage: node entries.mjs [MODULE], whose exports both entries have too.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [also] = process.argv.slice(2);
const bundle = createRequire(join(process.cwd(), 'package.json'))('./dist/bundle.js');
const others = also ? `...require("${also}"), ` : '';

async function writeEntry(name, namespace, value) {
  await writeFile(
    `dist/${name}.js`,
    `'use strict';
const bundle = require('./bundle.js');
module.exports = { ${others}...${value} };
// What Node reads the names from for its ECMAScript modules.
0 && (module.exports = { ${others}${Object.keys(namespace).join(', ')} });
`,
  );
}

await writeEntry('index', bundle, 'bundle');
if (bundle.promises) await writeEntry('promises', bundle.promises, 'bundle.promises');
