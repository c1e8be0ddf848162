import { familyOf } from '@bsd-sockets/socket';
import { AF_SYSTEM, systemFamily } from '@bsd-sockets/system';

const [id, unit] = systemFamily.decode(Buffer.from('202002000500000001000000', 'hex'));
console.log(id, unit, AF_SYSTEM === undefined || familyOf(AF_SYSTEM).name);
