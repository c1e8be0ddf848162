// Runs one trial, and says what went wrong in it.
import { constants } from 'node:os';
import { DELAY, outcome } from './calls.mjs';

/** The classes of Python's documentation; all others are OSError. */
const classes = {
  EAGAIN: 'BlockingIOError',
  EALREADY: 'BlockingIOError',
  EPIPE: 'BrokenPipeError',
  ECONNABORTED: 'ConnectionAbortedError',
  ECONNREFUSED: 'ConnectionRefusedError',
  ECONNRESET: 'ConnectionResetError',
  EEXIST: 'FileExistsError',
  ENOENT: 'FileNotFoundError',
  EINTR: 'InterruptedError',
  ENOTDIR: 'NotADirectoryError',
  EACCES: 'PermissionError',
  EPERM: 'PermissionError',
  ETIMEDOUT: 'TimeoutError',
};

/** What strace is told to do to the call. */
function tampering({ error, retval }) {
  if (error === 'delay') return `delay_exit=${DELAY}`;
  return error === 'short' ? `retval=${retval}` : `error=${error}`;
}

/** What is wrong with an error: nothing, where it is what it has to be. */
function wrongError({ name, code, errno, syscall, isOSError }, expected) {
  const wrong = [];
  if (!isOSError || name !== (classes[expected] ?? 'OSError')) wrong.push(`a ${name}`);
  if (code !== expected || errno !== constants.errno[expected]) wrong.push(`${code} (${errno})`);
  if (!syscall) wrong.push('without the name of the call');
  return wrong.length > 0 ? [`what is thrown is ${wrong.join(', ')}`] : [];
}

/** How something ended, in words. */
function ended({ value, error, hangs }) {
  if (hangs) return 'it hangs';
  return error ? `it throws ${error.message}` : `the result is ${JSON.stringify(value)}`;
}

/** What went wrong in a trial: nothing, if all went as it has to. */
export async function judge(injector, trial) {
  const { call, error, face, operation, retval, timeout, waiting, when } = trial;
  const inject = `inject=${call}:${tampering(trial)}:when=${when}`;
  const report = await injector.run({ operation, timeout, waiting }, ['-e', `trace=${call}`, '-e', inject]);
  const { want, result, second, leaked, astray, log } = report;
  const wrong = [];
  if (!/\((INJECTED|DELAYED)\)$/m.test(log)) wrong.push('the operation did not make the call');
  if (result.hangs) return [...wrong, ended(result)];
  const succeeds = ({ value }) => value === (retval ? want.slice(retval) : want);
  const due = outcome(trial);
  if (due === 'ends') {
    if (result.value !== 'the end') wrong.push(`${ended(result)}, not the end`);
  } else if (due === 'goes on') {
    if (!succeeds(result)) wrong.push(`${ended(result)}, not ${JSON.stringify(want)}`);
  } else {
    wrong.push(...(result.error ? wrongError(result.error, error) : [`${ended(result)}, not ${error}`]));
    if (second && !succeeds(second)) wrong.push(`the second time ${ended(second)}, not ${JSON.stringify(want)}`);
  }
  // The set that a process opens once may be new.
  if (leaked !== 0 && !(face === 'fresh' && leaked === 1)) wrong.push(`${leaked} descriptors more than before`);
  return [...wrong, ...astray];
}
