import {
  integer,
  LITTLE_ENDIAN,
  native,
  osError,
  SIOCGETLINKNAME,
  SIOCGETNODEID,
  structView,
  TIPC_MAX_LINK_NAME,
  TIPC_NODEID_LEN,
  wrongType,
} from '@bsd-sockets/core-native';
import type { BaseSocket } from '@bsd-sockets/socket';
import { needTipc } from './platform';

const UINT32_MAX = 2 ** 32 - 1;
// struct tipc_sioc_nodeid_req and struct tipc_sioc_ln_req. Source: linux/tipc.h
const NODE_ID = 4;
const BEARER = 4;
const LINK_NAME = 8;

function request(socket: BaseSocket<any>, ioctl: number, argument: Buffer): void {
  if (typeof socket?.fileno !== 'function') throw wrongType('socket', 'a TIPC socket', socket);
  const result = native.ioctl(socket.fileno(), ioctl, argument);
  if (result < 0) throw osError(result, { syscall: 'ioctl' });
}

/**
 * The identity of a node of the cluster, by its number.
 *
 * @param socket - Any TIPC socket.
 * @param node - The number, as in an address; 0 to 4294967295.
 * @returns 16 bytes; a name that an administrator gave is text with zeros behind it. As long as this node has no identity
 *   itself, all of them are zero.
 * @throws OSError: EADDRNOTAVAIL if this node has no link to such a node; TypeError or RangeError.
 *
 * Source: linux/tipc.h, SIOCGETNODEID
 */
export function getNodeId(socket: BaseSocket<any>, node: number): Buffer {
  needTipc('getNodeId');
  const argument = Buffer.alloc(NODE_ID + TIPC_NODEID_LEN);
  structView(argument).setUint32(0, integer('node', node, 0, UINT32_MAX), LITTLE_ENDIAN);
  request(socket, SIOCGETNODEID, argument);
  return argument.subarray(NODE_ID);
}

/**
 * The name of a link to another node, such as `a:eth0-b:eth0`.
 *
 * @param socket - Any TIPC socket.
 * @param node - The number of the other node, 0 to 4294967295.
 * @param bearer - The number of the bearer, 0 to 65535, as in an event about TIPC_LINK_STATE.
 * @throws OSError: EADDRNOTAVAIL if there is no such link; TypeError or RangeError.
 *
 * Source: linux/tipc.h, SIOCGETLINKNAME
 */
export function getLinkName(socket: BaseSocket<any>, node: number, bearer: number): string {
  needTipc('getLinkName');
  const argument = Buffer.alloc(LINK_NAME + TIPC_MAX_LINK_NAME);
  const view = structView(argument);
  view.setUint32(0, integer('node', node, 0, UINT32_MAX), LITTLE_ENDIAN);
  view.setUint32(BEARER, integer('bearer', bearer, 0, 0xffff), LITTLE_ENDIAN);
  request(socket, SIOCGETLINKNAME, argument);
  const name = argument.subarray(LINK_NAME);
  return name.toString('utf8', 0, Math.max(name.indexOf(0), 0));
}
