/** The error of a function that other platforms do not have: Node's own code for it. */
export function windowsOnly(name: string, instead = ''): Error {
  const error = new Error(`${name}: only Windows has it, and this is ${process.platform}${instead}`);
  return Object.assign(error, { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}
