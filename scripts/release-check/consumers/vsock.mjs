import { familyOf, SOCK_STREAM } from '@bsd-sockets/socket';
import { AF_VSOCK, VMADDR_CID_LOCAL, vsockOptions } from '@bsd-sockets/vsock';

const socket = { family: AF_VSOCK, type: SOCK_STREAM, proto: 0, fileno: () => -1 };
const [cid, port] = familyOf(AF_VSOCK).decode(familyOf(AF_VSOCK).encode([VMADDR_CID_LOCAL, 4711], socket), socket);
console.log(cid, port, vsockOptions.SO_VM_SOCKETS_BUFFER_SIZE.name);
