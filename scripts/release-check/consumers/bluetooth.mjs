import { AF_BLUETOOTH, BTPROTO_RFCOMM, encodeBdaddr } from '@bsd-sockets/bluetooth';
import { familyOf } from '@bsd-sockets/socket';

const socket = { family: AF_BLUETOOTH, type: 1, proto: BTPROTO_RFCOMM, fileno: () => -1 };
const bytes = familyOf(AF_BLUETOOTH).encode(['00:AA:01:01:00:01', 3], socket);
console.log(familyOf(AF_BLUETOOTH).decode(bytes, socket), encodeBdaddr('00:AA:01:01:00:01'));
