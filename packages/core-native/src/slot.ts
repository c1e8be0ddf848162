/** Where the parts of `struct CallBlock` (environment.h) begin, in bytes. */
export enum Part {
  integers = 0,
  amounts = 40,
  sockaddr = 64,
  message = 320,
}

/** The integers of `struct CallBlock`, as indices into `slots`. */
export enum Slot {
  fd,
  /** In: bytes of `sockaddr` that count. Out: bytes that were written. */
  addressLength,
  flags,
  /** Out: the result of a binding that returns none itself. */
  result,
  /** Out: the errno behind EAI_SYSTEM or NETDB_INTERNAL. */
  error,
  /** Out: the second descriptor of a socket pair. */
  secondFd,
  /** Out: `msg_flags` of a received message. */
  messageFlags,
  /** Out: the bytes of its control data. */
  controlLength,
  /** In: the bytes of a short message to send. */
  messageLength,
  /** In: that nothing can be received any more, so that a receive which finds nothing is told the end. */
  shutDown,
}
