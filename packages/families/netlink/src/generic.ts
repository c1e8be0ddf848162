import {
  bytes,
  CTRL_ATTR_FAMILY_ID,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_ATTR_HDRSIZE,
  CTRL_ATTR_MAXATTR,
  CTRL_ATTR_MCAST_GROUPS,
  CTRL_ATTR_MCAST_GRP_ID,
  CTRL_ATTR_MCAST_GRP_NAME,
  CTRL_ATTR_OP_FLAGS,
  CTRL_ATTR_OP_ID,
  CTRL_ATTR_OPS,
  CTRL_ATTR_VERSION,
  CTRL_CMD_GETFAMILY,
  GENL_ID_CTRL,
  integer,
  type KnownKeys,
  NETLINK_GENERIC,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type Attribute, Attributes, AttributeWriter } from './attributes';
import { requireSize } from './malformed';
import type { NetlinkMessage } from './message';
import { arrayOf, recordOf } from './record';
import type { NetlinkEvents, NetlinkRequest } from './request';

/** A message of a generic netlink family. */
export interface GenericMessage {
  /** What it is: a constant of the family. */
  command: number;
  /** The family's version. */
  version: number;
  /** All after the header, the family's own one included. */
  data: Buffer;
  /** The attributes, of a family without a header of its own. @throws OSError (EBADMSG) if the data are none. */
  attributes(): Attributes;
}

/** A generic netlink family, as the kernel's controller knows it. */
export interface GenericFamily {
  /** The type of its messages: it may differ between two boots. */
  id: number;
  name: string;
  version: number;
  /** The bytes of its own header, behind the generic one. */
  hdrsize: number;
  /** The greatest type of its attributes; 0 if each command has its own. */
  maxattr: number;
  /** Its commands, with GENL_* flags. */
  operations: { id: number; flags: number }[];
  /** Its multicast groups. */
  groups: { id: number; name: string }[];
}

const HEADER_SIZE = 4;

/**
 * The header of a generic netlink message.
 *
 * @param message - The message.
 * @throws OSError (EBADMSG) if it is cut short.
 *
 * Source: Linux, Documentation/userspace-api/netlink/intro.rst
 */
export function decodeGeneric({ data }: NetlinkMessage): GenericMessage {
  requireSize(data, HEADER_SIZE, 'struct genlmsghdr');
  const rest = data.subarray(HEADER_SIZE);
  return {
    command: data.readUInt8(0),
    version: data.readUInt8(1),
    data: rest,
    attributes: () => new Attributes(rest),
  };
}

/** What {@link genericRequest} takes. */
export interface GenericRequest<Reply> {
  /** A constant of the family: 0 to 255. */
  command: number;
  /** The attributes; with the family's own header before them, if it has one, as bytes. Nothing by default. */
  data?: AttributeWriter | Uint8Array | undefined;
  /** NLM_F_* constants besides those that `execute` and `dump` set; 0 by default. */
  flags?: number | undefined;
  /** The value of an answer; the message itself by default. */
  decode?: ((message: GenericMessage) => Reply | undefined) | undefined;
}

function checkFamily(family: object): void {
  if (typeof family !== 'object' || family === null) throw wrongType('family', 'what getFamily answers', family);
}

const REQUEST_KEYS: KnownKeys<GenericRequest<unknown>> = { command: true, data: true, flags: true, decode: true };

/**
 * A request to a generic netlink family: for `execute` or `dump`.
 *
 * @param family - The family, as {@link getFamily} gives it.
 * @param request - The command and its attributes.
 * @throws TypeError or RangeError that names the wrong part.
 *
 * Source: Linux, Documentation/userspace-api/netlink/intro.rst
 */
export function genericRequest<Reply = GenericMessage>(
  family: Pick<GenericFamily, 'id' | 'version'>,
  request: GenericRequest<Reply>,
): NetlinkRequest<Reply> {
  const {
    command,
    data = new Uint8Array(),
    flags = 0,
    decode,
  } = recordOf<GenericRequest<Reply>>('request', request, REQUEST_KEYS);
  checkFamily(family);
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt8(integer('command', command, 0, 0xff), 0);
  header.writeUInt8(integer('family: version', family.version, 0, 0xff), 1);
  return {
    protocol: NETLINK_GENERIC,
    type: family.id,
    flags,
    data: Buffer.concat([header, data instanceof AttributeWriter ? data.encode() : bytes('data', data)]),
    decode: (message) => {
      const generic = decodeGeneric(message);
      return decode ? decode(generic) : (generic as Reply);
    },
  };
}

/**
 * What a generic netlink family tells everybody: for `watch`.
 *
 * @param family - The family, as {@link getFamily} gives it.
 * @param groups - The names of its multicast groups; all by default.
 * @throws RangeError (`ERR_INVALID_ARG_VALUE`) for a group that it does not have.
 *
 * Source: Linux, Documentation/userspace-api/netlink/intro.rst
 */
export function genericEvents(family: GenericFamily, groups?: readonly string[]): NetlinkEvents<GenericMessage> {
  checkFamily(family);
  const known = arrayOf('family: groups', family.groups).map(({ name }) => name);
  const unknown = groups && arrayOf('groups', groups).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrongValue('groups', `of ${family.name}: ${known.join(', ') || 'none'}`, unknown);
  return {
    protocol: NETLINK_GENERIC,
    groups: family.groups.filter(({ name }) => groups?.includes(name) ?? true).map(({ id }) => id),
    decode: (message) => (message.type === family.id ? decodeGeneric(message) : undefined),
  };
}

/** What an attribute lists: each of its elements has a number for its type, and attributes inside. */
function elements(attribute: Attribute | undefined): Attributes[] {
  return [...(attribute?.attributes() ?? [])].map((element) => element.attributes());
}

function decodeFamily(message: NetlinkMessage): GenericFamily {
  const attributes = decodeGeneric(message).attributes();
  return {
    id: attributes.get(CTRL_ATTR_FAMILY_ID)?.uint16() ?? 0,
    name: attributes.get(CTRL_ATTR_FAMILY_NAME)?.string() ?? '',
    version: attributes.get(CTRL_ATTR_VERSION)?.uint32() ?? 0,
    hdrsize: attributes.get(CTRL_ATTR_HDRSIZE)?.uint32() ?? 0,
    maxattr: attributes.get(CTRL_ATTR_MAXATTR)?.uint32() ?? 0,
    operations: elements(attributes.get(CTRL_ATTR_OPS)).map((operation) => ({
      id: operation.get(CTRL_ATTR_OP_ID)?.uint32() ?? 0,
      flags: operation.get(CTRL_ATTR_OP_FLAGS)?.uint32() ?? 0,
    })),
    groups: elements(attributes.get(CTRL_ATTR_MCAST_GROUPS)).map((group) => ({
      id: group.get(CTRL_ATTR_MCAST_GRP_ID)?.uint32() ?? 0,
      name: group.get(CTRL_ATTR_MCAST_GRP_NAME)?.string() ?? '',
    })),
  };
}

/** The kernel's controller, which knows the others; its own number is fixed. */
const controller = { id: GENL_ID_CTRL, version: 2 };

function controllerRequest(data: AttributeWriter): NetlinkRequest<GenericFamily> {
  return { ...genericRequest(controller, { command: CTRL_CMD_GETFAMILY, data }), decode: decodeFamily };
}

/**
 * Asks for a generic netlink family: for `execute`, which fails with ENOENT if the kernel does not have it.
 *
 * @param name - The name, such as `ethtool`.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) if it is no string.
 *
 * Source: Linux, Documentation/userspace-api/netlink/intro.rst; genl(8)
 */
export function getFamily(name: string): NetlinkRequest<GenericFamily> {
  if (typeof name !== 'string') throw wrongType('name', 'a string', name);
  return controllerRequest(new AttributeWriter().string(CTRL_ATTR_FAMILY_NAME, name));
}

/**
 * Asks for all generic netlink families: for `dump`.
 *
 * Source: Linux, Documentation/userspace-api/netlink/intro.rst; genl(8)
 */
export function getFamilies(): NetlinkRequest<GenericFamily> {
  return controllerRequest(new AttributeWriter());
}
