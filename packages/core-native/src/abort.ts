import { wrongType } from './arguments';
import { knownKeys } from './known-keys';

/** What every waiting call on promises takes. */
export interface Abortable {
  /** Ends the wait: the promise is rejected at once with an {@link AbortError}. */
  signal?: AbortSignal | null | undefined;
}

const SIGNAL_ONLY = { signal: true };

/** What an aborted wait is rejected with: `name` is `AbortError`, `cause` the reason of the signal. */
export class AbortError extends Error {
  /** The same for all, as Node's own. */
  readonly code = 'ABORT_ERR';

  /**
   * Makes the error.
   *
   * @param reason - Why the wait was given up; it becomes the `cause`.
   */
  constructor(reason: unknown) {
    super('The operation was aborted', { cause: reason });
    this.name = 'AbortError';
  }
}

/**
 * The signal of a waiting call.
 *
 * @param options - What the call was given.
 * @returns The signal, which is not aborted yet; undefined for none.
 * @throws {@link AbortError} if it is aborted already; TypeError: `ERR_INVALID_ARG_TYPE` if it is no AbortSignal,
 *   `ERR_INVALID_ARG_VALUE` for any other key, so that a call that takes more hands its `signal` in by itself.
 */
export function signalOf(options: Abortable | null | undefined): AbortSignal | undefined {
  if (options === null || options === undefined) return undefined;
  if (typeof options !== 'object') throw wrongType('options', 'an object, such as { signal }', options);
  knownKeys('options', options, SIGNAL_ONLY);
  const { signal } = options;
  if (signal === null || signal === undefined) return undefined;
  // Not by instanceof: another context (node:vm, Jest) has a class of its own.
  if (typeof signal !== 'object' || !('aborted' in signal && canBeHeard(signal))) {
    throw wrongType('signal', 'an AbortSignal', signal);
  }
  if (signal.aborted) throw new AbortError(signal.reason);
  return signal;
}

function canBeHeard({ addEventListener, removeEventListener }: AbortSignal): boolean {
  return typeof addEventListener === 'function' && typeof removeEventListener === 'function';
}
