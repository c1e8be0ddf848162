// Checked only by the compiler: sockets of `@bsd-sockets/socket/promises` take and return the addresses of their family.
import { AF_ALG } from '@bsd-sockets/alg';
import { AF_BLUETOOTH, BTPROTO_L2CAP, type IsoBroadcast } from '@bsd-sockets/bluetooth';
import { AF_CAN, CAN_RAW } from '@bsd-sockets/can';
import { AF_DIVERT } from '@bsd-sockets/divert';
import { AF_HYPERV, HV_GUID_PARENT } from '@bsd-sockets/hyperv';
import { AF_NETLINK, NETLINK_ROUTE } from '@bsd-sockets/netlink';
import { AF_PACKET } from '@bsd-sockets/packet';
import { AF_QIPCRTR } from '@bsd-sockets/qipcrtr';
import { AF_RDS } from '@bsd-sockets/rds';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  createServer,
  familyOf,
  fromfd,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  socketpair,
} from '@bsd-sockets/socket/promises';
import { AF_SYSTEM } from '@bsd-sockets/system';
import { AF_TIPC } from '@bsd-sockets/tipc';
import { AF_VSOCK, VMADDR_CID_LOCAL } from '@bsd-sockets/vsock';
import { addresses, exactly } from './addressed.mjs';

const data = Buffer.from('data');

const inet = addresses<[host: string, port: number]>().of(new Socket(AF_INET, SOCK_STREAM));
await inet.bind(['127.0.0.1', 0]);
await inet.connect(['localhost', 80]);
await inet.sendto(data, ['127.0.0.1', 80]);
await inet.sendto(data, 0, ['127.0.0.1', 80]);
await inet.sendmsg([data], [], 0, ['127.0.0.1', 80]);
// @ts-expect-error no port
await inet.bind(['127.0.0.1']);
// @ts-expect-error the port is a number
await inet.connect(['127.0.0.1', '80']);
// @ts-expect-error a path is no IPv4 address
await inet.sendto(data, '/tmp/path');
addresses<[host: string, port: number]>().of(new Socket());
addresses<[host: string, port: number]>().of(new Socket({ family: AF_INET, type: SOCK_DGRAM }));
addresses<[host: string, port: number]>().of(await createServer(['127.0.0.1', 0]));

const inet6 = addresses<[host: string, port: number, flowinfo: number, scopeId: number]>().of(new Socket(AF_INET6));
await inet6.bind(['::1', 0]);
await inet6.connect(['::1', 80, 0, 1]);
// @ts-expect-error an IPv6 address has at most four parts
await inet6.sendto(data, ['::1', 80, 0, 1, 0]);
addresses<[host: string, port: number, flowinfo: number, scopeId: number]>().of(fromfd(3, AF_INET6, SOCK_STREAM));

const unix = addresses<string | Buffer>().of(new Socket(AF_UNIX));
await unix.bind('/tmp/path');
await unix.connect(Buffer.from('\0abstract'));
// @ts-expect-error a pair is no path
await unix.sendto(data, ['/tmp/path', 0]);
addresses<string | Buffer>().of(socketpair()[0]);

const alg = addresses<[type: string, name: string, feat: number, mask: number] | undefined>().of(
  new Socket(AF_ALG, SOCK_SEQPACKET),
);
await alg.bind(['hash', 'sha256']);
await alg.bind(['hash', 'sha256', 0, 0]);
// @ts-expect-error no name
await alg.bind(['hash']);
// @ts-expect-error the name is text
await alg.bind(['hash', 256]);

type BluetoothAddress =
  | [bdaddr: string, psm: number]
  | [bdaddr: string, psm: number, cid: number, bdaddrType: number]
  | [bdaddr: string, channel: number]
  | number
  | [device: number, channel: number]
  | string
  | [bdaddr: string, bdaddrType: number]
  | [bdaddr: string, bdaddrType: number, broadcast: IsoBroadcast]
  | Buffer;
const bluetooth = addresses<BluetoothAddress>().of(new Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP));
await bluetooth.bind(['00:AA:01:01:00:01', 0x1001]);
await bluetooth.connect(['00:AA:01:01:00:01', 0x1001, 0, 1]);
await bluetooth.sendto(data, 0);
// @ts-expect-error the channel is a number
await bluetooth.bind(['00:AA:01:01:00:01', '3']);
// @ts-expect-error a boolean is no adapter
await bluetooth.connect(true);

type CanAddress =
  | [ifname: string]
  | [ifname: string, rxAddr: number, txAddr: number]
  | [ifname: string, name: bigint, pgn: number, addr: number];
const can = addresses<CanAddress>().of(new Socket(AF_CAN, SOCK_RAW, CAN_RAW));
await can.bind(['vcan0']);
await can.connect(['vcan0', 0x123, 0x456]);
await can.sendto(data, ['vcan0', 0n, 0x40000, 0xff]);
// @ts-expect-error only an interface is no address
await can.bind('vcan0');
// @ts-expect-error an identifier to send with is due
await can.connect(['vcan0', 0x123]);
// @ts-expect-error five elements are too many
await can.sendto(data, ['vcan0', 0n, 0x40000, 0xff, 0]);

const divert = addresses<[host: string, port: number]>().of(new Socket(AF_DIVERT, SOCK_RAW));
await divert.bind(['', 4711]);
// @ts-expect-error the port is a number
await divert.bind(['', '4711']);

const hyperv = addresses<[vmId: string, serviceId: string]>().of(new Socket(AF_HYPERV, SOCK_STREAM));
await hyperv.connect([HV_GUID_PARENT, '00000ac9-facb-11e6-bd58-64006a7986d3']);
// @ts-expect-error no service
await hyperv.bind([HV_GUID_PARENT]);
// @ts-expect-error the service is no number
await hyperv.connect([HV_GUID_PARENT, 4711]);

const netlink = addresses<[pid: number, groups: number]>().of(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
await netlink.bind([0, 0]);
await netlink.sendto(data, [0, 0]);
// @ts-expect-error no groups
await netlink.bind([0]);

const packet = addresses<[ifname: string, proto: number, pkttype: number, hatype: number, addr: Buffer]>().of(
  new Socket(AF_PACKET, SOCK_RAW, 0),
);
await packet.bind(['lo', 0]);
await packet.sendto(data, ['lo', 0x88b5, 0, 1, new Uint8Array(6)]);
// @ts-expect-error no protocol
await packet.bind(['lo']);
// @ts-expect-error a hardware address is bytes
await packet.sendto(data, ['lo', 0x88b5, 0, 1, '02:00:00:00:00:01']);

const qipcrtr = addresses<[node: number, port: number]>().of(new Socket(AF_QIPCRTR, SOCK_DGRAM));
await qipcrtr.bind([1, 0]);
// @ts-expect-error the node is a number
await qipcrtr.sendto(data, ['1', 0]);

const rds = addresses<
  [host: string, port: number] | [host: string, port: number, flowinfo: number, scopeId: number]
>().of(new Socket(AF_RDS, SOCK_SEQPACKET));
await rds.bind(['127.0.0.1', 0]);
await rds.sendto(data, ['::1', 4711, 0, 0]);
// @ts-expect-error no port
await rds.bind(['127.0.0.1']);

const system = addresses<[id: number, unit: number]>().of(new Socket(AF_SYSTEM, SOCK_DGRAM));
await system.connect('com.apple.net.utun_control');
await system.connect([5, 0]);
// @ts-expect-error a name has no unit
await system.connect(['com.apple.net.utun_control', 0]);

type TipcAddress =
  | [addrType: number, v1: number, v2: number, v3: number, scope: number]
  | [addrType: number, v1: number, v2: number, v3: number, scope: number, member: [type: number, instance: number]];
const tipc = addresses<TipcAddress>().of(new Socket(AF_TIPC, SOCK_DGRAM));
await tipc.bind([1, 18888, 0, 99, 2]);
await tipc.sendto(data, [2, 18888, 17, 0]);
// @ts-expect-error three numbers are due
await tipc.bind([1, 18888, 0]);

const vsock = addresses<[cid: number, port: number]>().of(new Socket(AF_VSOCK, SOCK_STREAM));
await vsock.bind([VMADDR_CID_LOCAL, 4711]);
await vsock.connect(vsock.getsockname());
await vsock.sendto(data, [VMADDR_CID_LOCAL, 4711]);
// @ts-expect-error a host name is no context identifier
await vsock.connect(['localhost', 4711]);
// @ts-expect-error no port
await vsock.bind([VMADDR_CID_LOCAL]);
const [accepted] = await vsock.accept();
addresses<[cid: number, port: number]>().of(accepted);
exactly<string>()(familyOf(AF_VSOCK).name);
exactly<[cid: number, port: number]>()(familyOf(AF_VSOCK).decode(data, vsock));
// @ts-expect-error the family's codec takes the family's addresses
familyOf(AF_VSOCK).encode('/tmp/path', vsock);
// @ts-expect-error an address of one family is none of another
await vsock.connect(unix.getsockname());

for await (const [connection, address] of vsock.connections()) {
  addresses<[cid: number, port: number]>().of(connection);
  exactly<[cid: number, port: number]>()(address);
}
await vsock.connect([VMADDR_CID_LOCAL, 4711], { signal: AbortSignal.timeout(1000) });
// @ts-expect-error a timeout is no signal
await vsock.connect([VMADDR_CID_LOCAL, 4711], { signal: 1000 });
