import { constants } from 'node:os';

type Name = NodeJS.Signals;

// Where two names share a number, the first counts (SIGABRT, not SIGIOT).
const names = new Map(
  (Object.entries(constants.signals) as [Name, number][]).reverse().map(([name, signum]) => [signum, name]),
);

/**
 * The name of a signal.
 *
 * @param signum - The platform's number of it.
 * @returns The name, such as `SIGTERM`; undefined for what is none.
 */
export function nameOfSignal(signum: number): Name | undefined {
  return names.get(signum);
}
