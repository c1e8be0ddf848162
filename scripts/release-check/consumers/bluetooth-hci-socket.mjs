import { BluetoothHciSocket, loadDriver } from '@bsd-sockets/bluetooth-hci-socket';

console.log(BluetoothHciSocket === loadDriver('native'));
try {
  console.log(Array.isArray(new BluetoothHciSocket().getDeviceList()));
} catch (error) {
  console.log(Object(error).code === 'EAFNOSUPPORT');
}
