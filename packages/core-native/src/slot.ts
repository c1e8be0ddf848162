// `struct CallBlock` (environment.h): what a call and its result are in, which both sides see.

/** Where its parts begin, in bytes. */
export enum Part {
  integers = 0,
  amounts = 40,
  sockaddr = 64,
  message = 320,
}

/** How many bytes its two parts for bytes have. */
export const SOCKADDR_SIZE = Part.message - Part.sockaddr;
export const MESSAGE_SIZE = 1024;

/** Its numbers of 64 bits, as indices into `amounts`. */
export enum Amount {
  /** In: where the bytes begin, in those that are handed over. */
  offset,
  /** In: how many there are, or at most how many to receive. */
  length,
  /** In: seconds; below 0: no limit, 0: never wait. */
  timeout,
}

/** Its integers, as indices into `slots`. */
export enum Slot {
  /** In. */
  fd,
  /** In: bytes of `sockaddr` that count. Out: bytes that were written. */
  addressLength,
  /** In: MSG_* constants. */
  flags,
  /** Out: the result of a binding that returns none itself, or something else. */
  result,
  /** Out: the errno behind EAI_SYSTEM or NETDB_INTERNAL. */
  error,
  /** Out: the second descriptor of a socket pair. */
  secondFd,
  /** Out: `msg_flags` of a received message. */
  messageFlags,
  /**
   * Out: the bytes of its control data. In and out of a call that passes descriptors: how many. Of one that sends a
   * batch: how many bytes of its next message were sent.
   */
  controlLength,
  /** In: the bytes of a short message to send. */
  messageLength,
  /** In: that nothing can be received any more, so that a receive which finds nothing is told the end. */
  shutDown,
}
