// Makes a namespace that the built package in the current folder exports an entry of its own, as `node:fs/promises` is of
// `node:fs`: the same objects, whichever way they are imported. Usage: node namespace-entry.mjs NAME
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [name] = process.argv.slice(2);
const bundle = createRequire(join(process.cwd(), 'package.json'))('./dist/index.js');
const names = Object.keys(bundle[name]);
await writeFile(
  `dist/${name}.js`,
  `'use strict';
module.exports = require('./index.js').${name};
// What Node reads the names from for its ECMAScript modules.
0 && (module.exports = { ${names.join(', ')} });
`,
);
