import { readiness } from './readiness';

/**
 * A promise that is rejected: at once, or where the turn of others has come in the next turn of the event loop.
 *
 * @param error - What it is rejected with.
 */
export function refuse(error: unknown): Promise<never> {
  return new Promise((_resolve, reject) => readiness.settle(() => reject(error)));
}

/**
 * A promise that is fulfilled as {@link refuse} rejects one.
 *
 * @param value - What it is fulfilled with.
 */
export function done(): Promise<void>;
export function done<T>(value: T): Promise<T>;
export function done(value?: unknown): Promise<unknown> {
  return new Promise((resolve) => readiness.settle(() => resolve(value)));
}

/**
 * Begins a call; what it throws rejects.
 *
 * @param begin - The call, whose own promise is settled after a turn was taken.
 * @returns Its promise.
 */
export function rejecting<T>(begin: () => Promise<T>): Promise<T> {
  try {
    return begin();
  } catch (error) {
    return refuse(error);
  }
}
