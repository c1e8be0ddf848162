export { DgramSocket, type SendCb } from './dgram';
export { closeFd, createReuseportFd } from './reuseport';
export { type NotifyCb, SeqpacketServer, SeqpacketSocket } from './seqpacket';
