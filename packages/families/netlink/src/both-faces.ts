export {
  type Address,
  type AddressEvent,
  addressEvents,
  decodeAddress,
  deleteAddress,
  getAddresses,
  type NewAddress,
  newAddress,
} from './addresses';
export { Attribute, Attributes, AttributeWriter, type IntegerOptions } from './attributes';
export { BaseNetlink } from './base-connection';
export { type BatchError, batch, type NetlinkBatch, nfnetlinkBatch } from './batch';
export type { CanBittiming, CanBittimingLimits, CanErrorCounters, CanStatistics } from './can-link';
export * from './constants';
export type { Dump, DumpOptions } from './dump';
export type { Encap } from './encap';
export { decodeOutcome, type ExtendedAck, type NetlinkError, type Outcome } from './extended-ack';
export { AF_NETLINK, type NetlinkAddress, type NetlinkAddressLike } from './family';
export type { Field, ValuesOf } from './fields';
export {
  decodeGeneric,
  type GenericFamily,
  type GenericMessage,
  type GenericRequest,
  genericEvents,
  genericRequest,
  getFamilies,
  getFamily,
} from './generic';
export {
  type BondLink,
  type BondSlave,
  type BridgeLink,
  type BridgeSlave,
  type CanLink,
  decodeLink,
  deleteAltnames,
  deleteLink,
  getLink,
  getLinks,
  type IpvlanLink,
  type Link,
  type LinkChanges,
  type LinkEvent,
  type LinkStatistics,
  linkEvents,
  type MacvlanLink,
  type NewLink,
  newAltnames,
  newLink,
  setLink,
  type TunLink,
  type VlanLink,
  type VrfLink,
  type VrfSlave,
  type VxlanLink,
} from './links';
export { decodeMessages, encodeMessage, type NetlinkMessage, type NetlinkMessageLike } from './message';
export {
  decodeNeighbour,
  deleteNeighbour,
  getNeighbours,
  type Neighbour,
  type NeighbourEvent,
  type NewNeighbour,
  neighbourEvents,
  newNeighbour,
} from './neighbours';
export {
  decodeNexthop,
  deleteNexthop,
  getNexthop,
  getNexthops,
  type NewNexthop,
  type NexthopEvent,
  type NexthopMember,
  type NexthopObject,
  newNexthop,
  nexthopEvents,
  type ResilientGroup,
} from './nexthops';
export { netlinkOptions } from './options';
export { NetlinkNsid, NetlinkPktinfo } from './packet-info';
export type { NetlinkEvents, NetlinkRequest } from './request';
export {
  decodeRoute,
  deleteRoute,
  getRoute,
  getRoutes,
  type NewRoute,
  type NewRouteNexthop,
  type Nexthop,
  newRoute,
  type Route,
  type RouteEvent,
  type RouteMetrics,
  type RouteQuery,
  routeEvents,
} from './routes';
export {
  decodeInetSocket,
  decodeUnixSocket,
  getInetSockets,
  getUnixSockets,
  type InetSocket,
  type InetSocketFilter,
  type UnixSocket,
} from './socket-diagnostics';
export { decodeUevent, type Uevent, uevents } from './uevents';
