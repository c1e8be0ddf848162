import { BluetoothHciSocket, loadDriver } from '@bsd-sockets/bluetooth-hci-socket';

console.log(BluetoothHciSocket === loadDriver('native'));
try {
  console.log(Array.isArray(new BluetoothHciSocket().getDeviceList()));
} catch (/** @type {any} */ error) {
  console.log(error.code === 'EAFNOSUPPORT');
}
