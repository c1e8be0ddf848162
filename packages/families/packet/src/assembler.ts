import {
  BPF_ABS,
  BPF_ALU,
  BPF_AND,
  BPF_B,
  BPF_H,
  BPF_IND,
  BPF_JA,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JMP,
  BPF_JSET,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_LEN,
  BPF_MSH,
  BPF_RET,
  BPF_W,
  SKF_AD_OFF,
} from '@bsd-sockets/core-native';
import type { BpfInstruction } from './instruction';

/** How many bytes a load takes from the frame. */
export type FieldSize = 1 | 2 | 4;

/** A place in a program, as its distance from the program's end: what stands behind it is known already. */
export type Label = number;

const JUMP_MOST = 255;

/**
 * Writes a program from its end to its beginning, so that all jumps, which go forward only, have a known target.
 * Instructions that do not jump go on at the one written before.
 */
export class Assembler {
  /** Whether frames begin with the header of Ethernet, as those of SOCK_RAW do; else the network's header is the first. */
  readonly ethernet: boolean;
  private readonly reversed: BpfInstruction[] = [];

  constructor(ethernet: boolean) {
    this.ethernet = ethernet;
  }

  /** Where the network's header begins. */
  get network(): number {
    return this.ethernet ? 14 : 0;
  }

  /** Ends the program: the frame is cut to `length` bytes, or dropped for 0. */
  return(length: number): Label {
    return this.write(BPF_RET | BPF_K, length);
  }

  /** Loads bytes at an offset, in network order. */
  load(size: FieldSize, offset: number): Label {
    return this.write(BPF_LD | BPF_ABS | width(size), offset);
  }

  /** Loads bytes at an offset behind the IPv4 header, of which `network` says where it begins. */
  loadBehindIpv4(size: FieldSize, offset: number): Label {
    this.write(BPF_LD | BPF_IND | width(size), this.network + offset);
    return this.write(BPF_LDX | BPF_B | BPF_MSH, this.network);
  }

  /** Loads what the kernel knows of the frame: an SKF_AD_* constant. */
  loadAncillary(field: number): Label {
    return this.load(4, (SKF_AD_OFF + field) >>> 0);
  }

  /** Loads the length of the frame. */
  loadLength(): Label {
    return this.write(BPF_LD | BPF_W | BPF_LEN, 0);
  }

  /** Clears the bits of what was loaded that are not in the mask. */
  mask(bits: number): Label {
    return this.write(BPF_ALU | BPF_AND | BPF_K, bits);
  }

  equal(value: number, yes: Label, no: Label): Label {
    return this.jump(BPF_JEQ, value, yes, no);
  }

  greater(value: number, yes: Label, no: Label): Label {
    return this.jump(BPF_JGT, value, yes, no);
  }

  atLeast(value: number, yes: Label, no: Label): Label {
    return this.jump(BPF_JGE, value, yes, no);
  }

  anyBit(bits: number, yes: Label, no: Label): Label {
    return this.jump(BPF_JSET, bits, yes, no);
  }

  /** The instructions from their beginning. */
  program(): BpfInstruction[] {
    return [...this.reversed].reverse();
  }

  private jump(condition: number, value: number, yes: Label, no: Label): Label {
    // A conditional jump reaches 255 instructions, an unconditional one any: the latter goes between. The second may push
    // the first target out of reach, hence the room for one.
    const near = (label: Label) =>
      this.reversed.length - label >= JUMP_MOST ? this.write(BPF_JMP | BPF_JA, this.reversed.length - label) : label;
    const [nearYes, nearNo] = [near(yes), near(no)];
    const skip = (label: Label) => this.reversed.length - label;
    return this.write(BPF_JMP | condition | BPF_K, value, skip(nearYes), skip(nearNo));
  }

  private write(code: number, k: number, jt = 0, jf = 0): Label {
    return this.reversed.push({ code, jt, jf, k });
  }
}

function width(size: FieldSize): number {
  return size === 1 ? BPF_B : size === 2 ? BPF_H : BPF_W;
}
