import { setImmediate } from 'node:timers/promises';
import { type Abortable, signalOf } from '@bsd-sockets/core-native';

/** Lets the event loop have its turn, also where the call was aborted before; throws then, or if it was in the meantime. */
export async function turn(options: Abortable | undefined): Promise<void> {
  await setImmediate();
  signalOf(options);
}

/** Does the steps of some work, with turns of the event loop in between. */
export async function inTurns<Step, Result>(
  steps: Iterator<Step, Result>,
  options: Abortable | undefined,
  take: (step: Step) => void = () => {},
): Promise<Result> {
  for (;;) {
    await turn(options);
    const step = steps.next();
    if (step.done) return step.value;
    take(step.value);
  }
}
