import {
  type BytesLike,
  bytes,
  fsdecode,
  fsencode,
  integer,
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  optionsOf,
  outOfRange,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { readInt32, readUint16, readUint32, readUint64, writeUint16, writeUint32, writeUint64 } from './integers';
import { malformed } from './malformed';
import { align, bufferOf } from './message';
import { arrayOf } from './record';

const HEADER_SIZE = 4;
const TYPE_MASK = 0xffff & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER);

/** How an integer is read or written. */
export interface IntegerOptions {
  /**
   * Whether it is in network byte order, as those of netfilter are. One that is written so has the flag
   * NLA_F_NET_BYTEORDER.
   */
  networkOrder?: boolean;
}

/** An attribute of a message: `struct nlattr`. Its methods read the data as what the kernel's interface says they are. */
export class Attribute {
  /** The number that tells what it is, such as IFLA_MTU; without the flags. */
  readonly type: number;
  /** Whether NLA_F_NESTED is set; many nested attributes do not have it. */
  readonly nested: boolean;
  /** Whether NLA_F_NET_BYTEORDER is set: the methods for integers heed it. Netfilter's integers do not have it. */
  readonly networkOrder: boolean;
  /** The data, without the padding. */
  readonly data: Buffer;

  /**
   * @param type - The 16 bits of `nla_type`, with the flags.
   * @param data - The data.
   */
  constructor(type: number, data: Buffer) {
    this.type = type & TYPE_MASK;
    this.nested = (type & NLA_F_NESTED) !== 0;
    this.networkOrder = (type & NLA_F_NET_BYTEORDER) !== 0;
    this.data = data;
  }

  /** An integer of 8 bits. @throws OSError (EBADMSG) for data of another size, as all of these do. */
  uint8(): number {
    return this.sized(1).readUInt8(0);
  }

  /** An integer of 16 bits without a sign. @param options - Its byte order; that of the flag by default. */
  uint16({ networkOrder = this.networkOrder }: IntegerOptions = {}): number {
    const data = this.sized(2);
    return networkOrder ? data.readUInt16BE(0) : readUint16(data, 0);
  }

  /** An integer of 32 bits without a sign. @param options - Its byte order; that of the flag by default. */
  uint32({ networkOrder = this.networkOrder }: IntegerOptions = {}): number {
    const data = this.sized(4);
    return networkOrder ? data.readUInt32BE(0) : readUint32(data, 0);
  }

  /** An integer of 32 bits with a sign. @param options - Its byte order; that of the flag by default. */
  int32({ networkOrder = this.networkOrder }: IntegerOptions = {}): number {
    const data = this.sized(4);
    return networkOrder ? data.readInt32BE(0) : readInt32(data, 0);
  }

  /** An integer of 64 bits without a sign. @param options - Its byte order; that of the flag by default. */
  uint64({ networkOrder = this.networkOrder }: IntegerOptions = {}): bigint {
    const data = this.sized(8);
    return networkOrder ? data.readBigUInt64BE(0) : readUint64(data, 0);
  }

  /** Text up to the first NUL, or to the end if there is none; bytes that are not UTF-8 become lone surrogates. */
  string(): string {
    const end = this.data.indexOf(0);
    return fsdecode(end < 0 ? this.data : this.data.subarray(0, end));
  }

  /** Integers of 32 bits, one after the other. @throws OSError (EBADMSG) if the last one is cut. */
  uint32Array(): number[] {
    const { data } = this;
    if (data.length % 4 !== 0) throw malformed(`attribute ${this.type} has ${data.length} bytes, no multiple of 4`);
    return Array.from({ length: data.length / 4 }, (_, index) => readUint32(data, 4 * index));
  }

  /** The attributes inside this one. @throws OSError (EBADMSG) if the data are no attributes. */
  attributes(): Attributes {
    return new Attributes(this.data);
  }

  private sized(size: number): Buffer {
    if (this.data.length !== size) {
      throw malformed(`attribute ${this.type} has ${this.data.length} bytes, not ${size}`);
    }
    return this.data;
  }
}

/** The attributes of a message, in their order. */
export class Attributes implements Iterable<Attribute> {
  private readonly list: Attribute[] = [];
  private readonly memory: Buffer;

  /**
   * Finds the attributes in bytes. What is nested in them is looked at when it is asked for.
   *
   * @param memory - The bytes: of a message, what follows its fixed header.
   * @throws OSError (EBADMSG) for a length that is shorter than an attribute's header or goes past the end.
   *
   * Source: netlink(7); Linux, Documentation/userspace-api/netlink/intro.rst
   */
  constructor(memory: BytesLike) {
    const data = bufferOf('memory', memory);
    this.memory = data;
    let offset = 0;
    while (offset < data.length) {
      const left = data.length - offset;
      if (left < HEADER_SIZE) throw malformed(`${left} bytes at ${offset} are too few for an attribute's header`);
      const length = readUint16(data, offset);
      if (length < HEADER_SIZE || length > left) {
        throw malformed(`the attribute at ${offset} says it has ${length} bytes, of ${left} that are left`);
      }
      const type = readUint16(data, offset + 2);
      this.list.push(new Attribute(type, data.subarray(offset + HEADER_SIZE, offset + length)));
      offset += align(length);
    }
  }

  /** How many there are. */
  get size(): number {
    return this.list.length;
  }

  /**
   * The attribute of a type: the last one if there are several, as the kernel has it; undefined if there is none.
   *
   * @param type - Such as IFLA_MTU.
   */
  get(type: number): Attribute | undefined {
    return this.list.findLast((attribute) => attribute.type === type);
  }

  /**
   * All attributes of a type.
   *
   * @param type - Such as IFLA_ALT_IFNAME.
   */
  getAll(type: number): Attribute[] {
    return this.list.filter((attribute) => attribute.type === type);
  }

  /** Their bytes, as they were read: what a request takes that writes them again. */
  encode(): Buffer {
    return this.memory;
  }

  /** One after the other. */
  [Symbol.iterator](): Iterator<Attribute> {
    return this.list.values();
  }
}

/**
 * Writes attributes, one after the other. Each method returns the writer. A value of undefined writes nothing, so that what
 * a caller left out stays out.
 */
export class AttributeWriter {
  private readonly parts: Uint8Array[] = [];

  /**
   * Bytes as they are.
   *
   * @param type - 0 to 16383.
   * @param data - At most 65531 bytes.
   * @throws TypeError or RangeError for a bad argument, as all of these do.
   */
  bytes(type: number, data: BytesLike | undefined): this {
    return data === undefined ? this : this.add(type, 0, bytes(`attribute ${type}`, data));
  }

  /** An attribute without data, which counts by being there. @param type - 0 to 16383. */
  flag(type: number): this {
    return this.add(type, 0, Buffer.alloc(0));
  }

  /**
   * An integer of 8 bits.
   *
   * @param type - 0 to 16383.
   * @param value - 0 to 255.
   */
  uint8(type: number, value: number | undefined): this {
    if (value === undefined) return this;
    return this.add(type, 0, Uint8Array.of(integer(`attribute ${type}`, value, 0, 0xff)));
  }

  /**
   * An integer of 16 bits.
   *
   * @param type - 0 to 16383.
   * @param value - 0 to 65535.
   * @param options - Its byte order.
   */
  uint16(type: number, value: number | undefined, options?: IntegerOptions | null): this {
    const { networkOrder = false } = optionsOf(options, { networkOrder: true });
    if (value === undefined) return this;
    const data = Buffer.alloc(2);
    const checked = integer(`attribute ${type}`, value, 0, 0xffff);
    if (networkOrder) data.writeUInt16BE(checked);
    else writeUint16(data, checked, 0);
    return this.add(type, networkOrder ? NLA_F_NET_BYTEORDER : 0, data);
  }

  /**
   * An integer of 32 bits.
   *
   * @param type - 0 to 16383.
   * @param value - -(2³¹) to 2³² - 1; a negative one as its two's complement.
   * @param options - Its byte order.
   */
  uint32(type: number, value: number | undefined, options?: IntegerOptions | null): this {
    const { networkOrder = false } = optionsOf(options, { networkOrder: true });
    if (value === undefined) return this;
    const data = Buffer.alloc(4);
    const checked = integer(`attribute ${type}`, value, -(2 ** 31), 2 ** 32 - 1) >>> 0;
    if (networkOrder) data.writeUInt32BE(checked);
    else writeUint32(data, checked, 0);
    return this.add(type, networkOrder ? NLA_F_NET_BYTEORDER : 0, data);
  }

  /**
   * An integer of 64 bits.
   *
   * @param type - 0 to 16383.
   * @param value - 0 to 2⁶⁴ - 1.
   * @param options - Its byte order.
   */
  uint64(type: number, value: bigint | undefined, options?: IntegerOptions | null): this {
    const { networkOrder = false } = optionsOf(options, { networkOrder: true });
    if (value === undefined) return this;
    if (typeof value !== 'bigint') throw wrongType(`attribute ${type}`, 'a bigint', value);
    if (BigInt.asUintN(64, value) !== value) throw outOfRange(`attribute ${type}`, 'from 0 to 2 ** 64 - 1', value);
    const data = Buffer.alloc(8);
    if (networkOrder) data.writeBigUInt64BE(value);
    else writeUint64(data, value, 0);
    return this.add(type, networkOrder ? NLA_F_NET_BYTEORDER : 0, data);
  }

  /**
   * Text, with a NUL behind it.
   *
   * @param type - 0 to 16383.
   * @param value - Text without NUL; lone surrogates of `Attribute.string` become their bytes again.
   */
  string(type: number, value: string | undefined): this {
    if (value === undefined) return this;
    const name = `attribute ${type}`;
    if (typeof value !== 'string') throw wrongType(name, 'a string', value);
    if (value.includes('\0')) throw wrongValue(name, 'text without NUL', value);
    return this.add(type, 0, Buffer.concat([fsencode(name, value), Buffer.alloc(1)]));
  }

  /**
   * Integers of 32 bits, one after the other.
   *
   * @param type - 0 to 16383.
   * @param values - Each from 0 to 2³² - 1.
   */
  uint32Array(type: number, values: readonly number[] | undefined): this {
    if (values === undefined) return this;
    const data = Buffer.alloc(4 * arrayOf(`attribute ${type}`, values).length);
    for (const [index, value] of values.entries()) {
      writeUint32(data, integer(`attribute ${type}[${index}]`, value, 0, 2 ** 32 - 1), 4 * index);
    }
    return this.add(type, 0, data);
  }

  /**
   * Attributes inside one, with the flag NLA_F_NESTED.
   *
   * @param type - 0 to 16383.
   * @param attributes - A writer with what goes inside, or attributes that were read.
   */
  nested(type: number, attributes: AttributeWriter | Attributes | undefined): this {
    if (attributes === undefined) return this;
    return this.add(type, NLA_F_NESTED, attributesOf(`attribute ${type}`, attributes).encode());
  }

  /** The bytes of all attributes, each padded to a multiple of 4. */
  encode(): Buffer {
    return Buffer.concat(this.parts);
  }

  private add(type: number, flags: number, data: Uint8Array): this {
    integer('attribute: type', type, 0, TYPE_MASK);
    const length = HEADER_SIZE + data.length;
    if (length > 0xffff) throw outOfRange(`attribute ${type}`, `at most ${0xffff - HEADER_SIZE} bytes`, data.length);
    const memory = Buffer.alloc(align(length));
    writeUint16(memory, length, 0);
    writeUint16(memory, type | flags, 2);
    memory.set(data, HEADER_SIZE);
    this.parts.push(memory);
    return this;
  }
}

/** Attributes that a caller handed in. */
export function attributesOf<A extends AttributeWriter | Attributes>(name: string, attributes: A): A {
  if (!(attributes instanceof Attributes || attributes instanceof AttributeWriter)) {
    throw wrongType(name, 'Attributes or an AttributeWriter', attributes);
  }
  return attributes;
}
