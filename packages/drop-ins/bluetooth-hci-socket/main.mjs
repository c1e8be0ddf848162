// What `require` gives is the class itself, with the other exports on it, as programs know it; for `import` it is the default.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const place = (name) => new URL(`dist/${name}`, import.meta.url);

function replace(name, before, after) {
  const text = readFileSync(place(name), 'utf8');
  if (!text.includes(before)) throw new Error(`dist/${name} is not as it was`);
  writeFileSync(place(name), text.replace(before, after));
}

replace('index.js', 'const exported = {};', "const exported = require('./bundle.js').loadDriver('default');");
replace('index.js', ' default,', '');
replace('index.mjs', ' default,', '');
appendFileSync(place('index-module.mjs'), "export { default } from './bundle.mjs';\n");

for (const end of ['d.ts', 'd.ts.map']) renameSync(place(`index.${end}`), place(`bundle.${end}`));
replace('bundle.d.ts', 'index.d.ts.map', 'bundle.d.ts.map');
replace('bundle.d.ts.map', '"file":"index.d.ts"', '"file":"bundle.d.ts"');
writeFileSync(
  place('index.d.ts'),
  `import bundle = require('./bundle.js');
/** A socket to a Bluetooth adapter of this host, for its packets. */
declare class BluetoothHciSocket extends bundle.BluetoothHciSocket {}
declare namespace BluetoothHciSocket {
  export { BluetoothHciSocket };
  /** An adapter. */
  export type Device = bundle.Device;
  /** How an adapter is reached: by the kernel (\`'native'\`, which is the default), a serial line, or USB. */
  export type DriverType = bundle.DriverType;
  /** What a {@link BluetoothHciSocket} emits. */
  export type HciSocketEvents = bundle.HciSocketEvents;
  export import loadDriver = bundle.loadDriver;
}
export = BluetoothHciSocket;
`,
);
replace('index.d.mts', "export * from './index.js'", "export * from './bundle.js'");
