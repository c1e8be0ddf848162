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
export * from './constants';
export type { Dump } from './dump';
export { decodeOutcome, type ExtendedAck, type NetlinkError, type Outcome } from './extended-ack';
export { AF_NETLINK, type NetlinkAddress, type NetlinkAddressLike } from './family';
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
  decodeLink,
  deleteLink,
  getLink,
  getLinks,
  type Link,
  type LinkChanges,
  type LinkEvent,
  type LinkStatistics,
  linkEvents,
  type NewLink,
  newLink,
  setLink,
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
export { netlinkOptions } from './options';
export { NetlinkPktinfo } from './packet-info';
export type { NetlinkEvents, NetlinkRequest } from './request';
export {
  decodeRoute,
  deleteRoute,
  getRoute,
  getRoutes,
  type NewRoute,
  type Nexthop,
  newRoute,
  type Route,
  type RouteEvent,
  type RouteMetrics,
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
