import {
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSGERR_ATTR_COOKIE,
  NLMSGERR_ATTR_MISS_NEST,
  NLMSGERR_ATTR_MISS_TYPE,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
  type OSError,
  osError,
} from '@bsd-sockets/core-native';
import { Attributes } from './attributes';
import { readInt32, readUint16, readUint32 } from './integers';
import { malformed, requireSize } from './malformed';
import { align, HEADER_SIZE, type NetlinkMessage } from './message';

/** What the kernel says of a request beyond its errno. What it does not say is undefined. */
export interface ExtendedAck {
  /** What is wrong, in words; after a success it is a warning. */
  message: string | undefined;
  /** Where in the request the attribute is that is wrong: bytes from the beginning of the message's header. */
  offset: number | undefined;
  /** The type of the attribute at that place. */
  attribute: number | undefined;
  /** The type of an attribute that is missing. */
  missing: number | undefined;
  /** Where the attribute begins that it is missing in; undefined if it is missing at the top. */
  missingIn: number | undefined;
  /** Bytes that a family adds to a success. */
  cookie: Buffer | undefined;
}

/** The error of a refused request: an OSError of its errno, with what else the kernel said. */
export type NetlinkError = OSError & { readonly extendedAck: ExtendedAck };

/** What a message that ends an exchange says: NLMSG_ERROR, NLMSG_DONE. */
export interface Outcome {
  /** The errno, positive; 0 for success. */
  errno: number;
  extendedAck: ExtendedAck;
}

const MAX_ERRNO = 4095;
const TYPE_MASK = 0xffff & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER);

/** Where the attributes begin, behind the errno and what is repeated of the request. */
function attributesOffset({ type, flags, data }: NetlinkMessage): number {
  if (type === NLMSG_DONE) return 4;
  requireSize(data, 4 + HEADER_SIZE, 'struct nlmsgerr');
  if (flags & NLM_F_CAPPED) return 4 + HEADER_SIZE;
  const length = readUint32(data, 4);
  if (length < HEADER_SIZE || length > data.length - 4) {
    throw malformed(`the repeated request says it has ${length} bytes, of ${data.length - 4} that are left`);
  }
  return 4 + align(length);
}

/**
 * Reads a message of the type NLMSG_ERROR, or NLMSG_DONE after a dump.
 *
 * @param message - The message.
 * @param request - The bytes of the request that it answers, to tell the attribute by its offset.
 * @throws OSError (EBADMSG) if it is cut short, or its errno is none.
 *
 * Source: netlink(7); linux/netlink.h
 */
export function decodeOutcome(message: NetlinkMessage, request?: Buffer): Outcome {
  const { type, flags, data } = message;
  // Old kernels end some dumps without a number.
  const result = type === NLMSG_DONE && data.length < 4 ? 0 : numberIn(data);
  if (result > 0 || result < -MAX_ERRNO) throw malformed(`${-result} is no errno`);
  const attributes = new Attributes(
    flags & NLM_F_ACK_TLVS ? data.subarray(attributesOffset(message)) : Buffer.alloc(0),
  );
  const offset = attributes.get(NLMSGERR_ATTR_OFFS)?.uint32();
  const isInside = request !== undefined && offset !== undefined && offset + 4 <= request.length;
  return {
    errno: Math.abs(result),
    extendedAck: {
      message: attributes.get(NLMSGERR_ATTR_MSG)?.string(),
      offset,
      attribute: isInside ? readUint16(request, offset + 2) & TYPE_MASK : undefined,
      missing: attributes.get(NLMSGERR_ATTR_MISS_TYPE)?.uint32(),
      missingIn: attributes.get(NLMSGERR_ATTR_MISS_NEST)?.uint32(),
      cookie: attributes.get(NLMSGERR_ATTR_COOKIE)?.data,
    },
  };
}

function numberIn(data: Buffer): number {
  requireSize(data, 4, 'result');
  return readInt32(data, 0);
}

/** The error of an outcome. Its message has the kernel's words, the offset and the attribute. */
export function netlinkError({ errno, extendedAck }: Outcome): NetlinkError {
  const { message, offset, attribute, missing, missingIn } = extendedAck;
  const parts = [
    message,
    attribute !== undefined && `attribute ${attribute}`,
    offset !== undefined && `at byte ${offset} of the message`,
    missing !== undefined && `attribute ${missing} is missing`,
    missingIn !== undefined && `in the one at byte ${missingIn}`,
  ];
  const hint = parts.filter(Boolean).join(', ') || undefined;
  return Object.assign(osError(-errno, { syscall: 'netlink', hint }), { extendedAck });
}
