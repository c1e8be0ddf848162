import { AF_QIPCRTR, decodeControlPacket, encodeControlPacket, QRTR_TYPE_NEW_LOOKUP } from '@bsd-sockets/qipcrtr';
import { familyOf } from '@bsd-sockets/socket';

const socket = { family: AF_QIPCRTR, type: 2, proto: 0, fileno: () => -1 };
const [node, port] = familyOf(AF_QIPCRTR).decode(familyOf(AF_QIPCRTR).encode([1, 2], socket), socket);
console.log(node, port, decodeControlPacket(encodeControlPacket({ cmd: QRTR_TYPE_NEW_LOOKUP, service: 4711 })));
