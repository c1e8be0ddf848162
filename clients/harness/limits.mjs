// The ratio to `node:net` that a case may reach: docs/clients.md says why some have another one.
export const USUAL = 1.1;
/** Many short messages, between little work of the client's own. */
export const SHORT_MESSAGES = 1.5;
