import { AF_CAN, CAN_RAW, decodeFrame, encodeFrame } from '@bsd-sockets/can';
import { familyOf, SOCK_RAW } from '@bsd-sockets/socket';

const socket = { family: AF_CAN, type: SOCK_RAW, proto: CAN_RAW, fileno: () => -1 };
const bytes = familyOf(AF_CAN).encode(['lo'], socket);
const [ifname] = familyOf(AF_CAN).decode(bytes, socket);
console.log(ifname, decodeFrame(encodeFrame({ id: 0x123, data: Buffer.from('hello') })));
