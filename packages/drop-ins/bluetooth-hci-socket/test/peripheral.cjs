// A peripheral of bleno, as its README has it: one characteristic to read, and one to write.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const bleno = createRequire(join(__dirname, '../../../../clients/package.json'))('@stoprocent/bleno');
const { Characteristic, PrimaryService } = bleno;

const characteristics = [
  new Characteristic({ uuid: 'ff11', properties: ['read'], value: Buffer.from('hello') }),
  new Characteristic({
    uuid: 'ff12',
    properties: ['write'],
    onWriteRequest(_connection, data, _offset, _withoutResponse, callback) {
      console.log(`written ${data}`);
      callback(Characteristic.RESULT_SUCCESS);
    },
  }),
];
bleno.on('stateChange', (state) => {
  if (state === 'poweredOn') bleno.startAdvertising('drop-in', ['ff10']);
});
bleno.on('advertisingStart', (error) => {
  if (error) throw error;
  bleno.setServices([new PrimaryService({ uuid: 'ff10', characteristics })], () => console.log('ready'));
});
bleno.on('disconnect', () => console.log('disconnected'));
