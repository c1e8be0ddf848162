import {
  CAN_CTRLMODE_3_SAMPLES,
  CAN_CTRLMODE_BERR_REPORTING,
  CAN_CTRLMODE_CC_LEN8_DLC,
  CAN_CTRLMODE_FD,
  CAN_CTRLMODE_FD_NON_ISO,
  CAN_CTRLMODE_LISTENONLY,
  CAN_CTRLMODE_LOOPBACK,
  CAN_CTRLMODE_ONE_SHOT,
  CAN_CTRLMODE_PRESUME_ACK,
  CAN_CTRLMODE_TDC_AUTO,
  CAN_CTRLMODE_TDC_MANUAL,
  IFLA_CAN_BERR_COUNTER,
  IFLA_CAN_BITRATE_CONST,
  IFLA_CAN_BITRATE_MAX,
  IFLA_CAN_BITTIMING,
  IFLA_CAN_BITTIMING_CONST,
  IFLA_CAN_CLOCK,
  IFLA_CAN_CTRLMODE,
  IFLA_CAN_CTRLMODE_EXT,
  IFLA_CAN_CTRLMODE_SUPPORTED,
  IFLA_CAN_DATA_BITRATE_CONST,
  IFLA_CAN_DATA_BITTIMING,
  IFLA_CAN_DATA_BITTIMING_CONST,
  IFLA_CAN_RESTART,
  IFLA_CAN_RESTART_MS,
  IFLA_CAN_STATE,
  IFLA_CAN_TDC,
  IFLA_CAN_TDC_TDCF,
  IFLA_CAN_TDC_TDCO,
  IFLA_CAN_TDC_TDCV,
  IFLA_CAN_TERMINATION,
  IFLA_CAN_TERMINATION_CONST,
  knownKeys,
  outOfRange,
  wrongType,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type Field, nested, readOnly, struct, switches, uint16, uint32, writeOnly } from './fields';
import { readUint16, readUint32 } from './integers';
import { malformed, requireSize } from './malformed';

// What IFLA_INFO_DATA holds of a link of the kind `can`. Source: linux/can/netlink.h; ip-link(8)

/** The timing of bits. Either `bitrate`, or `tq` and the segments, say all; the kernel reckons the others. */
export interface CanBittiming {
  /** Bits a second. */
  bitrate?: number | undefined;
  /** Where in a bit it is read: 0 to 1, such as 0.875. What suits the bit rate, by default. */
  samplePoint?: number | undefined;
  /** The time quantum, in nanoseconds. */
  tq?: number | undefined;
  /** The propagation segment, in quanta. */
  propSeg?: number | undefined;
  /** The first phase segment, in quanta. */
  phaseSeg1?: number | undefined;
  /** The second phase segment, in quanta. */
  phaseSeg2?: number | undefined;
  /** The synchronisation jump width, in quanta; what suits the others by default. */
  sjw?: number | undefined;
  /** By what the clock is divided; the kernel tells it. */
  brp?: number | undefined;
}

const BITTIMING_NAMES = ['bitrate', 'samplePoint', 'tq', 'propSeg', 'phaseSeg1', 'phaseSeg2', 'sjw', 'brp'] as const;

/** Nanoseconds in a bit, of the segments. */
function bitTime({ tq = 0, propSeg = 0, phaseSeg1 = 0, phaseSeg2 = 0 }: CanBittiming): number {
  return tq * (1 + propSeg + phaseSeg1 + phaseSeg2);
}

/**
 * The kernel takes one of the two forms, and tells both: of a record that was read, the segments are written, which say it
 * exactly.
 */
function oneForm(name: string, timing: CanBittiming): CanBittiming {
  const { bitrate = 0, tq = 0, samplePoint, ...segments } = timing;
  if (tq === 0) return { bitrate, samplePoint, sjw: timing.sjw };
  // A quantum is rounded to whole nanoseconds.
  const exact = bitTime(timing);
  if (bitrate !== 0 && Math.abs((exact * bitrate) / 1e9 - 1) > 1 / tq) {
    throw wrongValue(`${name}: bitrate`, `the ${Math.round(1e9 / exact)} of the segments, or no segments`, bitrate);
  }
  return { tq, ...segments, brp: undefined };
}

function bittiming(type: number): Field<CanBittiming> {
  const raw = struct(type, BITTIMING_NAMES);
  return {
    read: (attributes) => {
      const timing = raw.read(attributes);
      return timing && { ...timing, samplePoint: (timing.samplePoint ?? 0) / 1000 };
    },
    write: (writer, name, value) => {
      if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object', value);
      knownKeys<object>(name, value, Object.fromEntries(BITTIMING_NAMES.map((key) => [key, true])));
      const { samplePoint = 0, ...form } = oneForm(name, value);
      if (typeof samplePoint !== 'number') throw wrongType(`${name}: samplePoint`, 'a number from 0 to 1', samplePoint);
      if (!(samplePoint >= 0 && samplePoint < 1)) {
        throw outOfRange(`${name}: samplePoint`, 'a number from 0 to 1', samplePoint);
      }
      // Of an interface that was never set up all is 0, which the kernel does not take.
      if (!form.bitrate && !form.tq) return;
      raw.write(writer, name, { ...form, samplePoint: Math.round(1000 * samplePoint) });
    },
  };
}

/** What a controller can do with the timing of bits. */
export interface CanBittimingLimits {
  /** The name of the controller. */
  name: string;
  tseg1Min: number;
  tseg1Max: number;
  tseg2Min: number;
  tseg2Max: number;
  sjwMax: number;
  brpMin: number;
  brpMax: number;
  brpInc: number;
}

function bittimingLimits(type: number): Field<CanBittimingLimits> {
  return {
    read: (attributes) => {
      const attribute = attributes.get(type);
      if (!attribute) return undefined;
      const { data } = attribute;
      requireSize(data, 48, 'struct can_bittiming_const');
      const at = (index: number) => readUint32(data, 16 + 4 * index);
      return {
        name: data.toString('latin1', 0, 16).split('\0', 1)[0] as string,
        tseg1Min: at(0),
        tseg1Max: at(1),
        tseg2Min: at(2),
        tseg2Max: at(3),
        sjwMax: at(4),
        brpMin: at(5),
        brpMax: at(6),
        brpInc: at(7),
      };
    },
    write: () => {},
  };
}

/** How many errors the controller has counted. */
export interface CanErrorCounters {
  tx: number;
  rx: number;
}

function errorCounters(type: number): Field<CanErrorCounters> {
  return {
    read: (attributes) => {
      const data = attributes.get(type)?.data;
      if (!data) return undefined;
      requireSize(data, 4, 'struct can_berr_counter');
      return { tx: readUint16(data, 0), rx: readUint16(data, 2) };
    },
    write: () => {},
  };
}

function numbers(type: number): Field<readonly number[]> {
  return { read: (attributes) => attributes.get(type)?.uint32Array(), write: () => {} };
}

function terminations(type: number): Field<readonly number[]> {
  return {
    read: (attributes) => {
      const data = attributes.get(type)?.data;
      if (data && data.length % 2 !== 0) throw malformed(`a list of terminations has ${data.length} bytes`);
      return data && Array.from({ length: data.length / 2 }, (_, index) => readUint16(data, 2 * index));
    },
    write: () => {},
  };
}

const CONTROL_MODES = {
  loopback: CAN_CTRLMODE_LOOPBACK,
  listenOnly: CAN_CTRLMODE_LISTENONLY,
  tripleSampling: CAN_CTRLMODE_3_SAMPLES,
  oneShot: CAN_CTRLMODE_ONE_SHOT,
  berrReporting: CAN_CTRLMODE_BERR_REPORTING,
  fd: CAN_CTRLMODE_FD,
  presumeAck: CAN_CTRLMODE_PRESUME_ACK,
  fdNonIso: CAN_CTRLMODE_FD_NON_ISO,
  ccLen8Dlc: CAN_CTRLMODE_CC_LEN8_DLC,
  tdcAuto: CAN_CTRLMODE_TDC_AUTO,
  tdcManual: CAN_CTRLMODE_TDC_MANUAL,
};

/** Whether an interface was off the bus and is to be on it again: a number in the kernel's interface, which means nothing. */
function restart(type: number): Field<boolean> {
  return {
    read: () => undefined,
    write: (writer, name, value) => {
      if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
      if (value) writer.uint32(type, 1);
    },
  };
}

const tdc = {
  /** The value, in clock periods of the controller. */
  tdcv: uint32(IFLA_CAN_TDC_TDCV),
  /** The offset. */
  tdco: uint32(IFLA_CAN_TDC_TDCO),
  /** The filter window. */
  tdcf: uint32(IFLA_CAN_TDC_TDCF),
} as const;

const modesExtension = { supported: readOnly(uint32(IFLA_CAN_CTRLMODE_SUPPORTED)) } as const;

/** The fields of a link of the kind `can`. */
export const can = {
  /** After how many milliseconds it goes on the bus again by itself; 0 for never. */
  restartMs: uint32(IFLA_CAN_RESTART_MS),
  /** Whether to go on the bus again now. */
  restart: writeOnly(restart(IFLA_CAN_RESTART)),
  /** The resistance between the wires, in ohms; 0 for none. */
  termination: uint16(IFLA_CAN_TERMINATION),
  /** The timing of bits, which the interface must be down for to change. */
  bittiming: bittiming(IFLA_CAN_BITTIMING),
  /** The timing of the data of CAN FD. */
  dataBittiming: bittiming(IFLA_CAN_DATA_BITTIMING),
  /** Only those that are given change. */
  controlModes: switches(IFLA_CAN_CTRLMODE, CONTROL_MODES, 'mask, values'),
  /** How CAN FD makes up for the delay of the transceiver. */
  tdc: nested(IFLA_CAN_TDC, tdc),
  /** A CAN_STATE_* constant. */
  state: readOnly(uint32(IFLA_CAN_STATE)),
  errorCounters: errorCounters(IFLA_CAN_BERR_COUNTER),
  /** The frequency of the controller, in hertz. */
  clock: readOnly(struct(IFLA_CAN_CLOCK, ['frequency'])),
  limits: bittimingLimits(IFLA_CAN_BITTIMING_CONST),
  dataLimits: bittimingLimits(IFLA_CAN_DATA_BITTIMING_CONST),
  /** The bit rates that it has, of a controller that has only some. */
  bitrates: numbers(IFLA_CAN_BITRATE_CONST),
  dataBitrates: numbers(IFLA_CAN_DATA_BITRATE_CONST),
  /** The greatest bit rate; 0 if it is not known. */
  bitrateMax: readOnly(uint32(IFLA_CAN_BITRATE_MAX)),
  /** What `termination` may be. */
  terminations: terminations(IFLA_CAN_TERMINATION_CONST),
  /** `supported`: the CAN_CTRLMODE_* bits that it has. */
  controlModesExtension: readOnly(nested(IFLA_CAN_CTRLMODE_EXT, modesExtension)),
} as const;

const STATISTICS = ['busError', 'errorWarning', 'errorPassive', 'busOff', 'arbitrationLost', 'restarts'] as const;

/** What a CAN interface has counted since it was made: how often it came into each state, and what it lost. */
export type CanStatistics = { [Name in (typeof STATISTICS)[number]]: number };

/** The statistics in IFLA_INFO_XSTATS of a link of the kind `can`. */
export function decodeCanStatistics(data: Buffer): CanStatistics {
  requireSize(data, 4 * STATISTICS.length, 'struct can_device_stats');
  return Object.fromEntries(STATISTICS.map((name, index) => [name, readUint32(data, 4 * index)])) as CanStatistics;
}
