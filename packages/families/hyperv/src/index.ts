export {
  HV_GUID_BROADCAST,
  HV_GUID_CHILDREN,
  HV_GUID_LOOPBACK,
  HV_GUID_PARENT,
  HV_GUID_WILDCARD,
  HV_GUID_ZERO,
  HV_PROTOCOL_RAW,
  HVSOCKET_ADDRESS_FLAG_PASSTHRU,
  HVSOCKET_CONNECT_TIMEOUT,
  HVSOCKET_CONNECT_TIMEOUT_MAX,
  HVSOCKET_CONNECTED_SUSPEND,
} from '@bsd-sockets/socket';
export { AF_HYPERV, type HypervAddress, type HypervAddressLike, hypervFamily } from './family';
export { hypervOptions } from './options';
