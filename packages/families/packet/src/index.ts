export { AF_PACKET, type PacketAddress, type PacketAddressLike } from './address';
export {
  attachedFilter,
  attachFilter,
  detachFilter,
  type FilterLike,
  lockFilter,
  setFanoutProgram,
} from './attach-filter';
export { type Auxdata, PacketAuxdata } from './auxdata';
export { PacketBlock, PacketFrame } from './block';
export * from './constants';
export {
  decodeEthernet,
  decodeVlanTag,
  type EthernetHeader,
  type EthernetHeaderLike,
  encodeEthernet,
  type VlanTag,
} from './ethernet';
export { type AssembleOptions, assemble, type Field, Filter, filter } from './filter';
export { formatHardwareAddress, parseHardwareAddress } from './hardware-address';
export { type BpfInstruction, type BpfProgram, parseProgram } from './instruction';
export {
  type PacketFanout,
  type PacketFanoutLike,
  type PacketMreq,
  type PacketRolloverStatistics,
  type PacketStatistics,
  packetOptions,
} from './options';
export { AsyncPacketRing, PacketRing, type PacketRingOptions } from './ring';
export { decodeVnetHeader, encodeVnetHeader, type VnetHeader } from './vnet-header';
