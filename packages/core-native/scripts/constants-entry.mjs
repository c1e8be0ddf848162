// Adds the constants to the built package, in an entry of their own and in the main one: copies of the addon's table, so
// that a program which writes to one changes nothing here.
import { readFileSync, writeFileSync } from 'node:fs';

const names = readFileSync('src/generated/constants.ts', 'utf8').matchAll(/^export const (\w+)/gm);
writeFileSync(
  'dist/constants.js',
  `'use strict';
module.exports = { ...require('./index.js').native.constants };
// What Node reads the names from for its ECMAScript modules.
0 && (module.exports = { ${Array.from(names, ([, name]) => name).join(', ')} });
`,
);

const [code, sourceMap] = readFileSync('dist/index.js', 'utf8').split(/^(?=\/\/# sourceMappingURL=)/m);
writeFileSync(
  'dist/index.js',
  `${code}module.exports = { ...native.constants, ...module.exports };
0 && (module.exports = { ...require("./constants.js") });
${sourceMap}`,
);
