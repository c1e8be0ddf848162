/** A value of a script. Lists are tuples in Python. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Value[]
  /** An abstract name of a unix socket, in the namespace of the process that runs the script. */
  | { abstract: string }
  /** Bytes, in hexadecimal. */
  | { bytes: string }
  /** The name of a constant, or several joined by `|`. */
  | { constant: string }
  /** The names of descriptors, as the bytes of an SCM_RIGHTS message. */
  | { descriptors: string }
  /** A number that JSON does not have: NaN, an infinity, or an integer that is too large for it. */
  | { number: string }
  /** An object that is of no use to any function. */
  | { object: true }
  /** The result of an earlier step, or a part of it: `name`, `name.0`. */
  | { ref: string };

/** One operation of a script: a method of an earlier result, a function of the module, or one of the interpreters' own. */
export interface Step {
  call: string;
  on?: string;
  args: Value[];
  /** Python's keyword arguments: our options object. */
  options?: Record<string, Value>;
  /** The name of the result. */
  as?: string;
}

export interface Script {
  title: string;
  steps: Step[];
}

/** What an interpreter says of a step: its value, or the error. */
export type Result = null | boolean | number | string | Result[] | { [key: string]: Result };

/**
 * A step, as `step('c = s.accept')`, `step('s.bind', ['127.0.0.1', 0])` or `step('socketpair')`.
 */
export function step(text: string, ...args: Value[]): Step {
  const [, as, on, call] = /^(?:(\w+) = )?(?:([\w.]+)\.)?(\w+)$/.exec(text)!;
  return { call: call!, ...(on && { on }), args, ...(as && { as }) };
}

/** A step with Python's keyword arguments. */
export function stepWith(options: Record<string, Value>, text: string, ...args: Value[]): Step {
  return { ...step(text, ...args), options };
}

export const constant = (names: string): Value => ({ constant: names });
export const ref = (path: string): Value => ({ ref: path });
export const bytes = (text: string): Value => ({ bytes: Buffer.from(text, 'latin1').toString('hex') });
export const abstract = (name: string): Value => ({ abstract: name });
export const number = (text: string): Value => ({ number: text });
export const object: Value = { object: true };
