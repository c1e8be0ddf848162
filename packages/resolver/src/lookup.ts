/**
 * A question to a name service: without `done` it waits for the answer and returns it; with `done` the thread pool
 * waits, and what is returned is the number of the lookup.
 */
export type Query<Answer> = (done?: (answer: Answer) => void) => Answer | number;

/**
 * What a function of this package does: it yields its questions to the name service, and leaves it to the caller who
 * waits for the answers.
 */
export type Lookup<Result> = Generator<Query<any>, Result, any>;

/** Asks a name service from within a {@link Lookup}. */
export function* ask<Answer>(query: Query<Answer>): Lookup<Answer> {
  return yield query;
}

/** Does a lookup, and waits for it. */
export function wait<Result>(lookup: Lookup<Result>): Result {
  let step = lookup.next();
  while (!step.done) step = lookup.next(step.value());
  return step.value;
}
