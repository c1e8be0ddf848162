import { AF_RDS, RDS_CONG_MONITOR_BIT } from '@bsd-sockets/rds';
import { familyOf } from '@bsd-sockets/socket';

const socket = { family: AF_RDS, type: 5, proto: 0, fileno: () => -1 };
const [host, port] = familyOf(AF_RDS).decode(familyOf(AF_RDS).encode(['127.0.0.1', 4711], socket), socket);
console.log(host, port, RDS_CONG_MONITOR_BIT(port));
