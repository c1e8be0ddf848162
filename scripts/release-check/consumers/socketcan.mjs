import { createRawChannel } from '@bsd-sockets/socketcan';

try {
  createRawChannel('no-such-bus').stop();
} catch (error) {
  console.log(Object(error).code === 'ENODEV' || Object(error).code === 'EAFNOSUPPORT');
}
