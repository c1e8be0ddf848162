export * from '../both-faces';
export { Netlink, type NetlinkWatch } from './connection';
