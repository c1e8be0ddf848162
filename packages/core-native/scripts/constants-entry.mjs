// Gives the built package an entry with only the constants, and the names of those that this platform does not have too. It is a copy
// of the addon's table, so that a program which writes to it changes nothing here.
import { readFileSync, writeFileSync } from 'node:fs';

const source = readFileSync('src/generated/constants.ts', 'utf8');
const names = Array.from(source.matchAll(/^export const (\w+)/gm), ([, name]) => name);
writeFileSync(
  'dist/constants.js',
  `'use strict';
const { constants } = require('./bundle.js').native;
module.exports = {
${names.map((name) => `  ${name}: constants.${name},`).join('\n')}
};
// What Node reads the names from for its ECMAScript modules.
0 && (module.exports = { ${names.join(', ')} });
`,
);
