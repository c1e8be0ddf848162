// Checked only by the compiler: CommonJS modules get the same types.
import alg = require('@bsd-sockets/alg/promises');
import can = require('@bsd-sockets/can');
import netlink = require('@bsd-sockets/netlink/promises');
import resolver = require('@bsd-sockets/resolver/promises');
import socket = require('@bsd-sockets/socket');
import promises = require('@bsd-sockets/socket/promises');
import vsock = require('@bsd-sockets/vsock');

const [cid, port]: [number, number] = new socket.Socket(vsock.AF_VSOCK).getsockname();
const connected: Promise<void> = new promises.Socket(vsock.AF_VSOCK).connect([cid, port]);
// @ts-expect-error a name is no context identifier
new socket.Socket(vsock.AF_VSOCK).connect(['localhost', port]);
// @ts-expect-error an address of AF_CAN is a tuple
new promises.Socket(can.AF_CAN).bind('vcan0');
const found: Promise<unknown> = resolver.getaddrinfo('localhost', port);
export = { connected, found, Cipher: alg.Cipher, Netlink: netlink.Netlink };
