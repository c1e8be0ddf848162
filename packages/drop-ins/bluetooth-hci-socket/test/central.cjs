// A central of noble, as its README has it: finds the peripheral, reads and writes, and ends.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const { withBindings } = createRequire(join(__dirname, '../../../../clients/package.json'))('@stoprocent/noble');
// The emulated adapters do not hear advertisements of bleno's kind by the extended scan.
const noble = withBindings('hci', { extended: false });

async function use(peripheral) {
  await noble.stopScanningAsync();
  await peripheral.connectAsync();
  console.log('connected', peripheral.advertisement.localName);
  const { characteristics } = await peripheral.discoverSomeServicesAndCharacteristicsAsync(['ff10'], ['ff11', 'ff12']);
  const [read, write] = ['ff11', 'ff12'].map((uuid) => characteristics.find((one) => one.uuid === uuid));
  console.log(`read ${await read.readAsync()}`);
  await write.writeAsync(Buffer.from('and back'), false);
  await peripheral.disconnectAsync();
  process.exit();
}

noble.on('discover', (peripheral) => void use(peripheral));
noble.on('stateChange', (state) => {
  console.log(state);
  if (state === 'poweredOn') noble.startScanning(['ff10'], false);
});
