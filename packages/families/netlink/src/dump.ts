import { integer } from '@bsd-sockets/core-native';
import type { NetlinkMessage } from './message';
import type { NetlinkRequest } from './request';

/** What a dump returned: an iterable of its records, which are decoded as they are asked for. */
export class Dump<Reply> implements Iterable<Reply> {
  /**
   * Whether the kernel's tables changed while it listed them: records may be missing, or be there twice. Those who must
   * have all of them dump again.
   */
  readonly interrupted: boolean;

  /** @internal */
  constructor(
    private readonly request: NetlinkRequest<Reply>,
    private readonly messages: readonly NetlinkMessage[],
    interrupted: boolean,
  ) {
    this.interrupted = interrupted;
  }

  /** The records, in the kernel's order. @throws OSError (EBADMSG) at one that is cut short. */
  *[Symbol.iterator](): Generator<Reply, void, undefined> {
    for (const message of this.messages) {
      const reply = this.request.decode(message);
      if (reply !== undefined) yield reply;
    }
  }
}

/** How a list is asked for. */
export interface DumpOptions {
  /**
   * How often it is begun again if the kernel's tables changed meanwhile: 0 or more, 0 by default. The last one may still
   * be interrupted.
   */
  restarts?: number | undefined;
}

/** How often to begin again. @throws TypeError or RangeError for what is no number of times. */
export function restartsOf({ restarts = 0 }: DumpOptions): number {
  return integer('options: restarts', restarts, 0, Number.MAX_SAFE_INTEGER);
}
