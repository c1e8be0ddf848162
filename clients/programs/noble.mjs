// A central of noble and a peripheral of bleno, as their READMEs have them: `node noble.mjs NOBLE BLENO`, with their paths. Prints as
// JSON what each has of the other.
import { once } from 'node:events';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [, , noblePath, blenoPath] = process.argv;
const SERVICE = 'ff10';
const [READABLE, WRITABLE] = ['ff11', 'ff12'];

const bleno = require(blenoPath);
const { Characteristic, PrimaryService } = bleno;
let written;
const characteristics = [
  new Characteristic({ uuid: READABLE, properties: ['read'], value: Buffer.from('hello') }),
  new Characteristic({
    uuid: WRITABLE,
    properties: ['write'],
    onWriteRequest(_connection, data, _offset, _withoutResponse, callback) {
      written = `${data}`;
      callback(Characteristic.RESULT_SUCCESS);
    },
  }),
];
await bleno.waitForPoweredOnAsync();
await bleno.setServicesAsync([new PrimaryService({ uuid: SERVICE, characteristics })]);
await bleno.startAdvertisingAsync('drop-in', [SERVICE]);

// The emulated adapters do not hear advertisements of bleno's kind by the extended scan.
const noble = require(noblePath).withBindings('hci', { extended: false });
await noble.waitForPoweredOnAsync();
await noble.startScanningAsync([SERVICE], false);
const [peripheral] = await once(noble, 'discover');
await noble.stopScanningAsync();
await peripheral.connectAsync();
const found = await peripheral.discoverSomeServicesAndCharacteristicsAsync([SERVICE], [READABLE, WRITABLE]);
const [readable, writable] = [READABLE, WRITABLE].map((uuid) =>
  found.characteristics.find((characteristic) => characteristic.uuid === uuid),
);
const read = `${await readable.readAsync()}`;
await writable.writeAsync(Buffer.from('and back'), false);
const disconnected = once(bleno, 'disconnect');
await peripheral.disconnectAsync();
await disconnected;
console.log(JSON.stringify({ name: peripheral.advertisement.localName, read, written }));
process.exit();
