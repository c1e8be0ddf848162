import { createRawChannel } from '@bsd-sockets/socketcan';

try {
  createRawChannel('no-such-bus').stop();
} catch (/** @type {any} */ error) {
  console.log(error.code === 'ENODEV' || error.code === 'EAFNOSUPPORT');
}
