import { env } from 'node:process';
import { BluetoothHciSocket } from './hci-socket';

export { BluetoothHciSocket, BluetoothHciSocket as default, type Device, type HciSocketEvents } from './hci-socket';

/** How an adapter is reached: by the kernel (`'native'`, which is the default), a serial line, or USB. */
export type DriverType = 'default' | 'uart' | 'usb' | 'native';

/** In the place of what reaches an adapter without the kernel. */
class UnsupportedSocket extends BluetoothHciSocket {
  constructor() {
    super();
    const error = new Error(
      '@bsd-sockets/bluetooth-hci-socket has adapters of the kernel only: no serial line, no USB',
    );
    throw Object.assign(error, { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
  }
}

/**
 * The class of sockets for a kind of adapters.
 *
 * @param driverType - `'default'`, `'native'`; or `'uart'`, `'usb'`, whose constructor throws here. By default it is the kernel's
 *   adapters, unless BLUETOOTH_HCI_SOCKET_UART_PORT, _FORCE_UART or _FORCE_USB in the environment asks for another kind.
 */
export function loadDriver(driverType: DriverType): typeof BluetoothHciSocket {
  const wanted = ['UART_PORT', 'FORCE_UART', 'FORCE_USB'].some((name) => env[`BLUETOOTH_HCI_SOCKET_${name}`]);
  const isOther = driverType === 'default' ? wanted : driverType !== 'native';
  return isOther ? UnsupportedSocket : BluetoothHciSocket;
}
