import { AF_HYPERV, HVSOCKET_CONNECT_TIMEOUT, hypervFamily } from '@bsd-sockets/hyperv';
import { familyOf } from '@bsd-sockets/socket';

const trace = Buffer.from('22000000da7c2ea43fd00c489cc2a4de20abb878c90a0000cbfae611bd5864006a7986d3', 'hex');
const [vmId, serviceId] = hypervFamily.decode(trace);
console.log(vmId, serviceId, HVSOCKET_CONNECT_TIMEOUT, AF_HYPERV === undefined || familyOf(AF_HYPERV).name);
