import { familyOf, SOCK_RDM } from '@bsd-sockets/socket';
import { AF_TIPC, TIPC_ADDR_NAME } from '@bsd-sockets/tipc';

const socket = { family: AF_TIPC, type: SOCK_RDM, proto: 0, fileno: () => -1 };
const bytes = familyOf(AF_TIPC).encode([TIPC_ADDR_NAME, 18888, 17, 0], socket);
console.log(familyOf(AF_TIPC).decode(bytes, socket));
