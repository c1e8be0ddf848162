// The ratio to `node:net` that a case may reach: docs/clients.md says why some have another one.
export const USUAL = 1.1;
/** Many short messages, between little work of the client's own. */
export const SHORT_MESSAGES = 1.5;
/** Beside an addon: the client's own code and the same system calls are most of the time, so a row differs from run to run. */
export const BESIDE_ADDON = 1.25;
