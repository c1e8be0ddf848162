import { native } from '@bsd-sockets/core-native';
import { boolean, type FixedCodec, int32, uint16, uint32 } from '../options/codecs';
import { optional, type StructCodec, struct } from '../options/struct';
import {
  type HardwareAddress,
  type HardwareAddressLike,
  hardwareAddress,
  type Ifreq,
  ifrName,
  inetHost,
  reading,
  setting,
} from './ifreq';
import type { IoctlRequest } from './request';

type Codec = IoctlRequest<any, any>['codec'];

type RequestOf<C extends Codec> = IoctlRequest<ReturnType<C['decode']>, Parameters<C['encode']>[0]>;

/** Named after its rows, so that their comments get into the declarations. */
type Table<Rows extends Record<string, Codec>> = { readonly [Name in keyof Rows]: RequestOf<Rows[Name]> };

/** What the kernel tells without being given anything. */
function told<Value>({ size, decode }: FixedCodec<Value, any>): IoctlRequest<Value>['codec'] {
  return { encode: () => Buffer.alloc(size), decode };
}

const flags = { flags: uint16 };
const hwaddr = { hwaddr: hardwareAddress };
const readHwaddr = reading<{ hwaddr: HardwareAddress }>(hwaddr);
const setHwaddr = setting<{ hwaddr: HardwareAddress }, { hwaddr: HardwareAddressLike }>(hwaddr);

const rows = {
  /** The bytes, or of UDP those of the next datagram, that can be received. */
  FIONREAD: told(int32),
  /** Receive the frames of a multicast hardware address. */
  SIOCADDMULTI: setHwaddr,
  /** Whether the next byte to receive comes right behind the urgent one, as `sockatmark` tells. */
  SIOCATMARK: told(boolean),
  /** Receive them no longer. */
  SIOCDELMULTI: setHwaddr,
  /** The IPv4 address of an interface, its first one. */
  SIOCGIFADDR: reading<{ addr: string }>({ addr: inetHost }),
  /** The IPv4 broadcast address of an interface. */
  SIOCGIFBRDADDR: reading<{ broadaddr: string }>({ broadaddr: inetHost }),
  /** The IPv4 address at the other end of a point-to-point interface. */
  SIOCGIFDSTADDR: reading<{ dstaddr: string }>({ dstaddr: inetHost }),
  /** What an interface is and does: IFF_UP, IFF_RUNNING, IFF_LOOPBACK, … */
  SIOCGIFFLAGS: reading<{ flags: number }>(flags),
  /** The hardware address of an interface. */
  SIOCGIFHWADDR: readHwaddr,
  /** The index of an interface, as `ifNametoindex` tells. */
  SIOCGIFINDEX: reading<{ ifindex: number }>({ ifindex: int32 }),
  /** The metric of an interface: always 0 on Linux. */
  SIOCGIFMETRIC: reading<{ metric: number }>({ metric: int32 }),
  /** The most bytes of a packet of an interface. */
  SIOCGIFMTU: reading<{ mtu: number }>({ mtu: int32 }),
  /** The name of the interface with an index, as `ifIndextoname` tells. */
  SIOCGIFNAME: struct<Ifreq<{ ifindex: number }>, { ifindex: number; name?: string }>({
    name: optional(ifrName),
    ifindex: int32,
  }),
  /** The IPv4 netmask of an interface. */
  SIOCGIFNETMASK: reading<{ netmask: string }>({ netmask: inetHost }),
  /** The packets that the queue of an interface holds. */
  SIOCGIFTXQLEN: reading<{ qlen: number }>({ qlen: int32 }),
  /** The same as FIONREAD. */
  SIOCINQ: told(int32),
  /** The bytes of a socket that are not sent, or of TCP not acknowledged, yet. */
  SIOCOUTQ: told(int32),
  /** The bytes of a TCP socket that are not sent yet. */
  SIOCOUTQNSD: told(int32),
  /** Set the IPv4 address of an interface. */
  SIOCSIFADDR: setting<{ addr: string }>({ addr: inetHost }),
  /** Set its broadcast address. */
  SIOCSIFBRDADDR: setting<{ broadaddr: string }>({ broadaddr: inetHost }),
  /** Set the address at its other end. */
  SIOCSIFDSTADDR: setting<{ dstaddr: string }>({ dstaddr: inetHost }),
  /** Set its flags: all of them, so read them before. */
  SIOCSIFFLAGS: setting<{ flags: number }>(flags),
  /** Set its hardware address. */
  SIOCSIFHWADDR: setHwaddr,
  /** Set its broadcast hardware address. */
  SIOCSIFHWBROADCAST: setHwaddr,
  /** Set its MTU. */
  SIOCSIFMTU: setting<{ mtu: number }>({ mtu: int32 }),
  /** Give it another name. */
  SIOCSIFNAME: setting<{ newname: string }>({ newname: ifrName }),
  /** Set its netmask. */
  SIOCSIFNETMASK: setting<{ netmask: string }>({ netmask: inetHost }),
  /** Set the length of its queue. */
  SIOCSIFTXQLEN: setting<{ qlen: number }>({ qlen: int32 }),
  /** The line discipline of a terminal: N_TTY, N_SLCAN, … */
  TIOCGETD: told(int32),
  /** The number of the terminal whose master, of /dev/ptmx, this is: /dev/pts/… */
  TIOCGPTN: told(uint32),
  /** The bytes of a terminal that are not sent yet. */
  TIOCOUTQ: told(int32),
  /** Set the line discipline of a terminal. */
  TIOCSETD: int32,
  /** Lock the terminal of a master, 1, or let it be opened, 0. */
  TIOCSPTLCK: int32,
  /** What flags TUNSETIFF takes. */
  TUNGETFEATURES: told(uint32),
  /** The interface behind a descriptor of /dev/net/tun. */
  TUNGETIFF: told<Ifreq<{ flags: number }>>(setting<{ flags: number }>(flags)),
  /** The bytes of a TUN interface's send buffer. */
  TUNGETSNDBUF: told(int32),
  /** The bytes of the header that goes before each packet with IFF_VNET_HDR. */
  TUNGETVNETHDRSZ: told(int32),
  /** Make an interface, or take a persistent one: flags are IFF_TUN or IFF_TAP, IFF_NO_PI, …; `%d` in the name is a number. */
  TUNSETIFF: setting<{ flags: number }>(flags),
  /** Turn a queue of a TUN interface on and off: IFF_ATTACH_QUEUE or IFF_DETACH_QUEUE. */
  TUNSETQUEUE: struct<{ name: string; flags: number }, { name?: string; flags: number }>({
    name: optional(ifrName),
    flags: uint16,
  }),
  /** Set the bytes of a TUN interface's send buffer. */
  TUNSETSNDBUF: int32,
  /** Set the bytes of the header that goes before each packet with IFF_VNET_HDR. */
  TUNSETVNETHDRSZ: int32,
} satisfies Record<string, Codec | StructCodec<any, any>>;

/**
 * The typed requests of `ioctl`, under the names of their constants. Requests about an interface take and answer a record
 * `{ name, … }`: a `struct ifreq` with the member of its union that the request is about, without the prefix `ifr_`. What the
 * platform does not have is refused where it is used.
 *
 * Source: netdevice(7), tcp(7), udp(7), ioctl_tty(2); Linux, Documentation/networking/tuntap.rst
 */
export const requests: Table<typeof rows> = Object.fromEntries(
  Object.entries<Codec>(rows).map(([name, codec]) => [
    name,
    { name, request: native.constants[name] as number, codec },
  ]),
) as Table<typeof rows>;

/** What to call a request that was given by its number. */
export function requestName(request: number): string {
  const names = Object.keys(native.constants).filter(
    (name) => native.constants[name] === request && /^(FIO|SIOC|TIOC|TUN)/.test(name),
  );
  return names.join(' or ') || `request 0x${request.toString(16)}`;
}
