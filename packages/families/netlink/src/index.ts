export * from './both-faces';
export { Netlink } from './connection';
