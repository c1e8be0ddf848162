import { AF_CAN, CAN_RAW, decodeFrame, encodeFrame } from '@bsd-sockets/can';
import { packSignals, unpackSignals } from '@bsd-sockets/can/signals';
import { familyOf, SOCK_RAW } from '@bsd-sockets/socket';

const socket = { family: AF_CAN, type: SOCK_RAW, proto: CAN_RAW, fileno: () => -1 };
const bytes = familyOf(AF_CAN).encode(['lo'], socket);
const [ifname] = familyOf(AF_CAN).decode(bytes, socket);
console.log(ifname, decodeFrame(encodeFrame({ id: 0x123, data: Buffer.from('hello') })));
const signals = [{ name: 'speed', start: 0, length: 16, factor: 0.01 }];
console.log(unpackSignals(packSignals(Buffer.alloc(8), signals, { speed: 80.5 }), signals));
