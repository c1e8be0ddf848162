import { AF_ALG, Hash } from '@bsd-sockets/alg';
import * as promises from '@bsd-sockets/alg/promises';
import { familyOf } from '@bsd-sockets/socket';

const socket = { family: AF_ALG, type: 5, proto: 0, fileno: () => -1 };
const bytes = familyOf(AF_ALG).encode(['hash', 'sha256'], socket);
const address = familyOf(AF_ALG).decode(bytes, socket);
console.log(address, typeof Hash, typeof promises.Cipher);
