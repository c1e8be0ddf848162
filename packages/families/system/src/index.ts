export { SYSPROTO_CONTROL } from '@bsd-sockets/socket';
export { AF_SYSTEM, PF_SYSTEM, type SystemAddress, type SystemAddressLike, systemFamily } from './family';
