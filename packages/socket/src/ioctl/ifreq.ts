import {
  AF_INET,
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  type BytesLike,
  IFNAMSIZ,
  native,
  newSockaddr,
  OSError,
  sockaddrFamily,
} from '@bsd-sockets/core-native';
import { type FixedCodec, fixedBytes, text, uint16 } from '../options/codecs';
import { inAddr } from '../options/in-addr';
import { type Fields, optional, type StructCodec, struct } from '../options/struct';

/** A `struct ifreq` with one member of its union. The name of the interface is at most 15 bytes. */
export type Ifreq<Member extends object> = { name: string } & Member;

const name = text(IFNAMSIZ);
/** The name of an interface, with its NUL and what fills it up. */
export const ifrName: FixedCodec<string> = {
  ...name,
  encode: (value, valueName) => Buffer.concat([name.encode(value, valueName)], name.size),
};

const SOCKADDR_SIZE = 16;
/** Where the parts of a `struct sockaddr` lie. */
const DATA = 2;
const IN_ADDR = 4;

/** The `struct sockaddr` of an IPv4 host, as a dotted quad. */
export const inetHost: FixedCodec<string> = {
  size: SOCKADDR_SIZE,
  alignment: 4,
  encode: (value, valueName) => {
    const sockaddr = newSockaddr(AF_INET, SOCKADDR_SIZE);
    sockaddr.set(inAddr.encode(value, valueName), IN_ADDR);
    return sockaddr;
  },
  decode: (sockaddr) => {
    const family = sockaddrFamily(sockaddr);
    if (family !== AF_INET) {
      const hint = `an address of family ${family}, which only the request's number reads`;
      throw new OSError(native.errnos.EAFNOSUPPORT as number, { syscall: 'ioctl', hint });
    }
    return inAddr.decode(sockaddr.subarray(IN_ADDR, IN_ADDR + inAddr.size));
  },
};

/** The hardware address of an interface. */
export interface HardwareAddress {
  /** ARPHRD_ETHER and so on. */
  type: number;
  /** Its bytes: 6 of ARPHRD_ETHER and ARPHRD_LOOPBACK; of others 14, of which the type says how many count. */
  address: Buffer;
}

/** The same, to be set. */
export interface HardwareAddressLike {
  type: number;
  /** At most 14 bytes. */
  address: BytesLike;
}

const hwaddr = struct<HardwareAddress, HardwareAddressLike>({
  type: uint16,
  address: fixedBytes(SOCKADDR_SIZE - DATA),
});

/** The `struct sockaddr` of a hardware address. */
export const hardwareAddress: FixedCodec<HardwareAddress, HardwareAddressLike> = {
  ...hwaddr,
  alignment: 2,
  decode: (bytes) => {
    const { type, address } = hwaddr.decode(bytes);
    const isEthernet = type === ARPHRD_ETHER || type === ARPHRD_LOOPBACK;
    return { type, address: isEthernet ? address.subarray(0, 6) : address };
  },
};

/** The codec of a request that sets a member of an interface: the whole record goes in. */
export function setting<Member extends object, Accepted extends object = Member>(
  members: Fields<Member, Accepted>,
): StructCodec<Ifreq<Member>, Ifreq<Accepted>> {
  return struct({ name: ifrName, ...members } as any);
}

/** The codec of a request that reads a member of an interface: the name goes in, the whole record comes out. */
export function reading<Member extends object>(
  members: Fields<Member, any>,
): StructCodec<Ifreq<Member>, { name: string }> {
  const optionals = Object.entries<FixedCodec<any, any>>(members).map(([key, codec]) => [key, optional(codec)]);
  return struct({ name: ifrName, ...Object.fromEntries(optionals) } as any);
}
