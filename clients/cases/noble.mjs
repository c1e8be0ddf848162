import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { createRequire } from 'node:module';
import { runInLab } from '../harness/lab.mjs';
import { pathOf } from '../harness/programs.mjs';

const ADDON = '@stoprocent/bluetooth-hci-socket';
const CLIENTS = ['@stoprocent/noble', '@stoprocent/bleno'];

/** Two emulated adapters that hear each other, each for a client of its own. */
const adapters = () => `
  ${pathOf('btvirt')} -l2 >/dev/null & until [ -e /sys/class/bluetooth/hci1 ]; do sleep 0.1; done
  export NOBLE_HCI_DEVICE_ID=0 BLENO_HCI_DEVICE_ID=1 HCI_CHANNEL_USER=1`;

export const cases = [
  {
    client: '@stoprocent/noble and bleno',
    does: 'find each other, connect, read and write a characteristic; emulated adapters in the kernel lab',
    addon: ADDON,
    inLab: true,
    // bleno would build what only macOS and Windows need.
    scripts: false,
    install: { '@stoprocent/noble': '2.8.0', '@stoprocent/bleno': '0.12.4' },
    async prepare() {
      return async ({ require }) => {
        const paths = CLIENTS.map((client) => require.resolve(client));
        for (const path of paths) strictEqual(createRequire(path).resolve(ADDON), require.resolve(ADDON));
        const [found] = await runInLab(adapters(), 'noble.mjs', ...paths);
        deepStrictEqual(JSON.parse(found), { name: 'drop-in', read: 'hello', written: 'and back' });
      };
    },
  },
];
