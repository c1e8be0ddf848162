import { types } from 'node:util';
import {
  type BytesLike,
  bytes,
  integer,
  knownKeys,
  LITTLE_ENDIAN,
  structView,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';

/** One instruction of the classic Berkeley packet filter: `struct sock_filter`. Source: linux/filter.h */
export interface BpfInstruction {
  /** What to do: BPF_* constants, joined by `|`. */
  code: number;
  /** How many instructions to skip if the condition of a jump holds, 0 to 255. */
  jt: number;
  /** How many to skip if it does not. */
  jf: number;
  /** The operand, 0 to 2³² - 1. */
  k: number;
}

/**
 * Instructions: as objects, as tuples in the order of the structure, or as the bytes of the structures, one after the other.
 */
export type BpfProgram =
  | readonly (BpfInstruction | readonly [code: number, jt: number, jf: number, k: number])[]
  | BytesLike;

const SIZE = 8;
const MAXINSNS = 4096;

/** The bytes of `struct sock_filter`, one after the other. */
export function encodeProgram(name: string, program: BpfProgram): Uint8Array {
  if (ArrayBuffer.isView(program) || types.isAnyArrayBuffer(program)) return checkedBytes(name, program);
  if (!Array.isArray(program)) throw wrongType(name, 'a filter, an array of instructions, or their bytes', program);
  // As the kernel says, but with the reason.
  if (program.length === 0 || program.length > MAXINSNS) {
    throw wrongValue(name, `1 to ${MAXINSNS} instructions`, program.length);
  }
  const encoded = new Uint8Array(program.length * SIZE);
  const view = structView(encoded);
  for (const [index, instruction] of program.entries()) {
    const place = `${name}[${index}]`;
    const { code, jt, jf, k } = fieldsOf(place, instruction);
    view.setUint16(index * SIZE, integer(`${place}.code`, code, 0, 0xffff), LITTLE_ENDIAN);
    view.setUint8(index * SIZE + 2, integer(`${place}.jt`, jt, 0, 0xff));
    view.setUint8(index * SIZE + 3, integer(`${place}.jf`, jf, 0, 0xff));
    view.setUint32(index * SIZE + 4, integer(`${place}.k`, k, 0, 2 ** 32 - 1), LITTLE_ENDIAN);
  }
  return encoded;
}

function fieldsOf(place: string, instruction: unknown): BpfInstruction {
  if (Array.isArray(instruction) && instruction.length === 4) {
    const [code, jt, jf, k] = instruction;
    return { code, jt, jf, k };
  }
  if (typeof instruction !== 'object' || instruction === null || Array.isArray(instruction)) {
    throw wrongType(place, 'an instruction { code, jt, jf, k } or [code, jt, jf, k]', instruction);
  }
  knownKeys<BpfInstruction>(place, instruction as BpfInstruction, { code: true, jt: true, jf: true, k: true });
  return instruction as BpfInstruction;
}

function checkedBytes(name: string, program: BytesLike): Uint8Array {
  const encoded = bytes(name, program);
  const count = encoded.length / SIZE;
  if (!Number.isInteger(count) || count < 1 || count > MAXINSNS) {
    throw wrongValue(name, `1 to ${MAXINSNS} instructions of ${SIZE} bytes`, `${encoded.length} bytes`);
  }
  return encoded;
}

/** The instructions in the bytes of `struct sock_filter`. */
export function decodeProgram(encoded: Uint8Array): BpfInstruction[] {
  const view = structView(encoded);
  return Array.from({ length: Math.floor(encoded.length / SIZE) }, (_, index) => ({
    code: view.getUint16(index * SIZE, LITTLE_ENDIAN),
    jt: view.getUint8(index * SIZE + 2),
    jf: view.getUint8(index * SIZE + 3),
    k: view.getUint32(index * SIZE + 4, LITTLE_ENDIAN),
  }));
}

/**
 * The instructions in what `tcpdump -ddd` prints: their number, then `code jt jf k` for each. It compiles any filter of
 * pcap-filter(7): `tcpdump -ddd -y EN10MB 'tcp[tcpflags] & tcp-syn != 0'`.
 *
 * @param text - Lines of decimal numbers.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`); RangeError (`ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`).
 *
 * Source: tcpdump(8)
 */
export function parseProgram(text: string): BpfInstruction[] {
  if (typeof text !== 'string') throw wrongType('text', 'the output of tcpdump -ddd as a string', text);
  const [count, ...lines] = text.trim().split('\n');
  if (Number(count) !== lines.length) throw wrongValue('text', 'the number of instructions in the first line', count);
  const program = lines.map((line) => {
    if (!/^\d+ \d+ \d+ \d+$/.test(line.trim())) throw wrongValue('text', 'lines of `code jt jf k`', line);
    const [code, jt, jf, k] = line.trim().split(' ').map(Number) as [number, number, number, number];
    return { code, jt, jf, k };
  });
  // For its checks.
  encodeProgram('text', program);
  return program;
}
