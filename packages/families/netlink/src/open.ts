import { int32, SOCK_RAW } from '@bsd-sockets/core-native';
import { BaseSocket, OSError, Socket } from '@bsd-sockets/socket';
import { AF_NETLINK } from './family';
import { netlinkOptions } from './options';

/** Sets an option, of kernels that have it. */
function setIfThere(socket: Socket<typeof AF_NETLINK>, option: typeof netlinkOptions.NETLINK_EXT_ACK): void {
  try {
    socket.setOption(option, true);
  } catch (error) {
    if (!(error instanceof OSError) || error.code !== 'ENOPROTOOPT') throw error;
  }
}

/** A socket that is bound and ready for exchanges: a new one of a protocol, or one that is taken over. */
export function open(protocol: number | BaseSocket<typeof AF_NETLINK>): Socket<typeof AF_NETLINK> {
  const socket =
    protocol instanceof BaseSocket
      ? Socket.from(protocol)
      : new Socket(AF_NETLINK, SOCK_RAW, int32('protocol', protocol));
  try {
    setIfThere(socket, netlinkOptions.NETLINK_EXT_ACK);
    setIfThere(socket, netlinkOptions.NETLINK_CAP_ACK);
    setIfThere(socket, netlinkOptions.NETLINK_GET_STRICT_CHK);
    socket.setOption(netlinkOptions.NETLINK_PKTINFO, true);
    if (socket.getsockname()[0] === 0) socket.bind([0, 0]);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
