import { AF_DIVERT, divertFamily } from '@bsd-sockets/divert';
import { familyOf } from '@bsd-sockets/socket';

const socket = { family: 44, type: 3, proto: 0, fileno: () => -1 };
const [host, port] = divertFamily.decode(divertFamily.encode(['127.0.0.1', 4711], socket), socket);
console.log(host, port, AF_DIVERT === undefined || familyOf(AF_DIVERT).name);
