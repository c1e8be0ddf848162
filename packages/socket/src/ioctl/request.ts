/**
 * An ioctl(2) request with its type: what `ioctl` takes beside a number. A package may make its own.
 *
 * @typeParam Value - What the request answers.
 * @typeParam Accepted - What it takes; undefined if it takes nothing.
 */
export interface IoctlRequest<Value, Accepted = undefined> {
  /** The constant's name, such as `SIOCGIFADDR`. */
  readonly name: string;
  /** The constant's number. */
  readonly request: number;
  /** How its argument lies in memory. */
  readonly codec: {
    /**
     * The bytes that go to the kernel, which gets as many zeros behind them as the request takes.
     *
     * @param name - What to call the value in an error.
     */
    readonly encode: (value: Accepted, name: string) => Uint8Array;
    /** The answer in the bytes that the kernel left. */
    readonly decode: (bytes: Buffer) => Value;
  };
}
