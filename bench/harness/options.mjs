import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const FULL_ROUNDS = 41;
const QUICK_ROUNDS = 7;
const MOST_ROUNDS = 100_000;

export const USAGE = `usage: node bench/run.mjs [options]
  --case NAME   measure only this case (may be given several times)
  --rounds N    measure N rounds (${FULL_ROUNDS})
  --quick       measure ${QUICK_ROUNDS} rounds
  --before DIR  measure the packages of another checkout too, which is built: the peer 'before'
  --json FILE   write the figures to FILE as well
  --check       exit with 1 if a target is not met
  --list        print the cases and measure nothing
  --help        print this`;

/** The command line is wrong. */
export class UsageError extends Error {
  constructor(problem) {
    super(`${problem}\n${USAGE}`);
  }
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        case: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        quick: { type: 'boolean' },
        before: { type: 'string' },
        json: { type: 'string' },
        check: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function readRounds({ rounds, quick }) {
  if (rounds === undefined) return quick ? QUICK_ROUNDS : FULL_ROUNDS;
  const number = /^\d+$/.test(rounds) ? Number(rounds) : 0;
  if (number < 1 || number > MOST_ROUNDS) {
    throw new UsageError(`--rounds: expected a whole number from 1 to ${MOST_ROUNDS}, got '${rounds}'`);
  }
  return number;
}

function selectCases(names, known) {
  for (const name of names) {
    if (known.some((subject) => subject.name === name)) continue;
    throw new UsageError(`--case: no case is named '${name}'; there are ${known.map(({ name }) => name).join(', ')}`);
  }
  return known.filter(({ name }) => names.length === 0 || names.includes(name));
}

function checkWritable(file) {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch (error) {
    throw new UsageError(`--json: '${file}' cannot be written: ${error.message}`);
  }
}

function checkCheckout(folder) {
  if (existsSync(join(folder, 'bench', 'peers'))) return;
  throw new UsageError(`--before: '${folder}' is no checkout of this project: it has no bench/peers`);
}

/** Reads the command line; throws a {@link UsageError} if it is wrong. */
export function readOptions(args, known) {
  const values = parse(args);
  if (values.json !== undefined) checkWritable(values.json);
  if (values.before !== undefined) checkCheckout(values.before);
  return {
    cases: selectCases(values.case ?? [], known),
    before: values.before,
    rounds: readRounds(values),
    check: values.check ?? false,
    json: values.json,
    list: values.list ?? false,
    help: values.help ?? false,
  };
}
