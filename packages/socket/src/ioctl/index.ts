export type { HardwareAddress, HardwareAddressLike, Ifreq } from './ifreq';
export { ioctl } from './ioctl';
export type { IoctlRequest } from './request';
export { requests } from './requests';
