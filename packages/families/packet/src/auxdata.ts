import { LITTLE_ENDIAN, PACKET_AUXDATA, SOL_PACKET } from '@bsd-sockets/core-native';
import { registerControlMessage } from '@bsd-sockets/socket';

/** What the kernel knows of a frame beside its bytes: `struct tpacket_auxdata`. */
export interface Auxdata {
  /** TP_STATUS_* constants, joined by `|`: TP_STATUS_VLAN_VALID, TP_STATUS_CSUMNOTREADY, … */
  status: number;
  /** The bytes of the frame. */
  len: number;
  /** The bytes of it that were captured. */
  snaplen: number;
  /** Where the link's header begins; its meaning is that of a ring. */
  mac: number;
  /** Where the network's header begins. */
  net: number;
  /** The tag that the kernel took off the frame (see `decodeVlanTag`), if `status` has TP_STATUS_VLAN_VALID. */
  vlanTci: number;
  /** ETH_P_8021Q or ETH_P_8021AD, if `status` has TP_STATUS_VLAN_TPID_VALID. */
  vlanTpid: number;
}

/** What the kernel knows of a frame; received with the option PACKET_AUXDATA. Source: packet(7), linux/if_packet.h */
export const PacketAuxdata = registerControlMessage({
  name: 'PACKET_AUXDATA',
  package: '@bsd-sockets/packet',
  level: SOL_PACKET,
  type: PACKET_AUXDATA,
  size: 20,
  decode: (data): Auxdata => ({
    status: data.getUint32(0, LITTLE_ENDIAN),
    len: data.getUint32(4, LITTLE_ENDIAN),
    snaplen: data.getUint32(8, LITTLE_ENDIAN),
    mac: data.getUint16(12, LITTLE_ENDIAN),
    net: data.getUint16(14, LITTLE_ENDIAN),
    vlanTci: data.getUint16(16, LITTLE_ENDIAN),
    vlanTpid: data.getUint16(18, LITTLE_ENDIAN),
  }),
});
