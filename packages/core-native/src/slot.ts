/** The fields of `struct CallBlock` (environment.h), as indices into `slots`. */
export const Slot = {
  fd: 0,
  flags: 1,
  offset: 2,
  length: 3,
  /** Seconds; below 0: no limit, 0: never wait. */
  timeout: 4,
  /** In: bytes of `sockaddr` that count. Out: bytes that were written. */
  addressLength: 5,
  /** Out: the errno behind EAI_SYSTEM or NETDB_INTERNAL. */
  error: 6,
  /** Out: the second descriptor of a socket pair. */
  secondFd: 7,
  /** Out: `msg_flags` of a received message. */
  messageFlags: 8,
  /** Out: the bytes of its control data. */
  controlLength: 9,
  /** Out: the result of a binding that returns none itself. */
  result: 10,
} as const;
