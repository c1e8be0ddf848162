import type { Result, Step, Value } from './script';

/** A difference from CPython that is meant. */
export interface Difference {
  reason: string;
  occurs(step: Step, ours: Result, python: Result): boolean;
}

const isError = (result: Result, error: string, errno?: number | null): boolean =>
  typeof result === 'object' &&
  result !== null &&
  'error' in result &&
  result.error === error &&
  (errno === undefined || result.errno === errno);
const isAnyError = (result: Result) => typeof result === 'object' && result !== null && 'error' in result;
const isNothing = (result: Result) =>
  result === 0 || (typeof result === 'object' && result !== null && 'bytes' in result && result.bytes === '');

/** Whether a step is given a value, be it in an address. */
function takes(step: Step, test: (value: Value) => boolean): boolean {
  const search = (value: Value): boolean => test(value) || (Array.isArray(value) && value.some(search));
  return [...step.args, ...Object.values(step.options ?? {})].some(search);
}

const tagged = (value: Value, tag: string): string | undefined =>
  typeof value === 'object' && value !== null && tag in value ? (value as Record<string, string>)[tag] : undefined;
const numberOf = (value: Value) => (typeof value === 'number' ? value : Number(tagged(value, 'number') ?? Number.NaN));
const textOf = (value: Value) =>
  typeof value === 'string' ? value : Buffer.from(tagged(value, 'bytes') ?? '', 'hex').toString('latin1');
const isFraction = (value: Value) =>
  (typeof value === 'number' || tagged(value, 'number') !== undefined) && !Number.isInteger(numberOf(value));
const isObject = (value: Value) => tagged(value, 'object') !== undefined;
const hasFlag = (step: Step, flag: RegExp) => takes(step, (value) => flag.test(tagged(value, 'constant') ?? ''));

/** All the differences. The suite fails for one that is not here, and for one here that never occurs. */
export const differences: Difference[] = [
  // -- waiting
  {
    reason: 'A timeout error has the errno ETIMEDOUT; CPython gives it none.',
    occurs: (_step, ours, python) => isError(ours, 'TimeoutError', 110) && isError(python, 'TimeoutError', null),
  },
  {
    reason: 'MSG_DONTWAIT and MSG_ERRQUEUE never wait; CPython waits for the timeout first.',
    occurs: (step, ours, python) =>
      hasFlag(step, /DONTWAIT|ERRQUEUE/) &&
      isError(ours, 'BlockingIOError', 11) &&
      isError(python, 'TimeoutError', null),
  },
  {
    reason:
      'With a timeout, what fails at once fails at once; CPython first waits for readiness, which may never come.',
    occurs: (_step, ours, python) =>
      isError(python, 'TimeoutError', null) && (isError(ours, 'OSError') || isError(ours, 'BrokenPipeError', 32)),
  },
  {
    reason:
      'With a timeout, a datagram socket that was shut down receives nothing at once; CPython waits for the timeout.',
    occurs: (step, ours, python) =>
      /^recv/.test(step.call) &&
      isError(python, 'TimeoutError', null) &&
      isNothing(Array.isArray(ours) ? ours[0]! : ours),
  },
  {
    reason: 'With a timeout, an urgent byte that is there is received; CPython waits for other bytes first.',
    occurs: (step, ours, python) =>
      hasFlag(step, /MSG_OOB/) && isError(python, 'TimeoutError', null) && !isAnyError(ours),
  },
  {
    reason: 'A connect with a timeout to a unix socket whose backlog is full waits; CPython fails at once.',
    occurs: (step, ours, python) =>
      step.call === 'connect' && isError(ours, 'TimeoutError', 110) && isError(python, 'BlockingIOError', 11),
  },
  {
    reason: 'A timeout is kept as it was given; CPython rounds it up to a nanosecond.',
    occurs: (step, ours, python) => step.call === 'gettimeout' && ours === 1e-10 && python === 1e-9,
  },

  // -- numbers
  {
    reason: 'A boolean is no number; in Python it is one.',
    occurs: (step, ours, python) =>
      takes(step, (value) => value === true) && isError(ours, 'TypeError') && !isError(python, 'TypeError'),
  },
  {
    reason: 'JavaScript has one type of numbers: a fraction is a value out of range; in Python it is of a wrong type.',
    occurs: (step, ours, python) =>
      takes(step, isFraction) && isError(ours, 'OverflowError') && isError(python, 'TypeError'),
  },
  {
    reason:
      'A negative size or descriptor is a number out of range, as any other is; CPython has a ValueError for these.',
    occurs: (step, ours, python) =>
      takes(step, (value) => numberOf(value) < 0 || tagged(value, 'ref') !== undefined) &&
      isError(ours, 'OverflowError') &&
      isError(python, 'ValueError'),
  },
  {
    reason: 'A number that does not fit is refused; CPython cuts it to 32 bits, or takes it for bytes in setsockopt.',
    occurs: (step, ours, python) =>
      takes(step, (value) => numberOf(value) < 0 || numberOf(value) >= 2 ** 31) &&
      isError(ours, 'OverflowError') &&
      !isError(python, 'OverflowError'),
  },
  {
    reason: 'A buflen out of range is EINVAL; CPython has an OSError without an errno.',
    occurs: (step, ours, python) =>
      step.call === 'getsockopt' && isError(ours, 'OSError', 22) && isError(python, 'OSError', null),
  },
  {
    reason: 'setsockopt takes integers of 32 bits without a sign too; CPython 3.11 takes them for bytes.',
    occurs: (step, ours, python) =>
      step.call === 'setsockopt' &&
      takes(step, (value) => numberOf(value) >= 2 ** 31 && numberOf(value) < 2 ** 32) &&
      !isAnyError(ours) &&
      isError(python, 'TypeError'),
  },
  {
    reason: 'A port out of range is refused by getaddrinfo too; CPython lets the C library cut it to 16 bits.',
    occurs: (step, ours, python) =>
      step.call === 'getaddrinfo' &&
      takes(step, (value) => numberOf(value) === 65536) &&
      isError(ours, 'OverflowError') &&
      !isAnyError(python),
  },

  // -- arguments
  {
    reason:
      'null stands for a default, and an options object for the optional positions; both are TypeErrors in Python.',
    occurs: (step, ours, python) =>
      takes(step, (value) => value === null || isObject(value)) && !isAnyError(ours) && isError(python, 'TypeError'),
  },
  {
    reason: 'An argument that is left out is undefined, which getaddrinfo takes for null.',
    occurs: (step, ours, python) =>
      step.call === 'getaddrinfo' &&
      step.args.length < 2 &&
      !isError(ours, 'TypeError') &&
      isError(python, 'TypeError'),
  },
  {
    reason: 'No JavaScript buffer is read-only.',
    occurs: (step, ours, python) =>
      /^recv(from)?Into$/.test(step.call) &&
      takes(step, (value) => tagged(value, 'bytes') !== undefined) &&
      !isAnyError(ours) &&
      isError(python, 'TypeError'),
  },
  {
    reason: 'MSG_TRUNC gives the bytes that there was room for; CPython adds memory that nothing was written to.',
    occurs: (step, ours, python) =>
      hasFlag(step, /MSG_TRUNC/) &&
      /"bytes":"61206d65"/.test(JSON.stringify(ours)) &&
      /"bytes":"61206d65.{10}"/.test(JSON.stringify(python)),
  },

  // -- addresses
  {
    reason: 'A NUL in a host, a service or a path is a wrong value; CPython cuts the text there, or has a TypeError.',
    occurs: (step, ours) => takes(step, (value) => textOf(value).includes('\0')) && isError(ours, 'ValueError'),
  },
  {
    reason: 'A host with a label that is too long cannot be found; CPython fails when it encodes it.',
    occurs: (step, ours, python) =>
      takes(step, (value) => textOf(value).length >= 64) &&
      isError(ours, 'gaierror', -2) &&
      (isError(python, 'TypeError') || isError(python, 'ValueError')),
  },
  {
    reason: 'What CPython reports as an OSError without errno has ENAMETOOLONG, or is a wrong argument.',
    occurs: (_step, ours, python) =>
      isError(python, 'OSError', null) &&
      (isError(ours, 'OSError', 36) ||
        ['OverflowError', 'TypeError', 'ValueError'].some((name) => isError(ours, name))),
  },
  {
    reason: 'A zone in an IPv6 host counts; CPython takes the scope id only from the last part of the address.',
    occurs: (step, ours, python) =>
      takes(step, (value) => textOf(value).includes('%lo')) && ours === null && isError(python, 'OSError', 22),
  },
  {
    reason: 'An address of createConnection of a wrong shape is of a wrong type; in CPython its unpacking fails.',
    occurs: (step, ours, python) =>
      step.call === 'createConnection' && isError(ours, 'TypeError') && isError(python, 'ValueError'),
  },
];
