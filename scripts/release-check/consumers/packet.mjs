import { AF_PACKET, assemble, ETH_P_IP, filter } from '@bsd-sockets/packet';
import { familyOf, SOCK_RAW } from '@bsd-sockets/socket';

const socket = { family: AF_PACKET, type: SOCK_RAW, proto: 0, fileno: () => -1 };
const [ifname, proto] = familyOf(AF_PACKET).decode(familyOf(AF_PACKET).encode(['lo', ETH_P_IP], socket), socket);
console.log(ifname, proto, assemble(filter.etherType(ETH_P_IP)).length);
