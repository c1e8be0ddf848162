// noble and bleno from npm with the drop-in in the place of their addon. That they talk to each other, over emulated adapters,
// noble.lab.test.ts of the drop-in has.
import { strictEqual } from 'node:assert/strict';
import { createRequire } from 'node:module';

const ADDON = '@stoprocent/bluetooth-hci-socket';

export const cases = [
  {
    client: '@stoprocent/noble and bleno',
    does: 'are installed without a compiler, and load with what takes the place of their addon',
    addon: ADDON,
    beside: false,
    // bleno would build what only macOS and Windows need.
    scripts: false,
    install: { '@stoprocent/noble': '2.8.0', '@stoprocent/bleno': '0.12.4' },
    async prepare() {
      return async ({ require }) => {
        const BluetoothHciSocket = require(ADDON);
        for (const client of ['@stoprocent/noble', '@stoprocent/bleno']) {
          strictEqual(createRequire(require.resolve(client))(ADDON), BluetoothHciSocket);
        }
        strictEqual(typeof require('@stoprocent/noble').withBindings('hci').startScanning, 'function');
        strictEqual(typeof require('@stoprocent/bleno').startAdvertising, 'function');
        try {
          new BluetoothHciSocket().getDeviceList();
        } catch (error) {
          strictEqual(error.code, 'EAFNOSUPPORT');
        }
      };
    },
  },
];
