export { PF_SYSTEM, SYSPROTO_CONTROL } from '@bsd-sockets/socket';
export { AF_SYSTEM, decodeSystem, encodeSystem, type SystemAddress, type SystemAddressLike } from './family';
