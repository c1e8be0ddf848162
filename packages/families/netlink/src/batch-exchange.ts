import type { BatchError } from './batch';
import type { Conversation, Exchange } from './exchange';
import type { NetlinkMessage } from './message';

/** Several requests in one datagram, each with answers of its own. */
export class BatchExchange implements Conversation {
  readonly request: Buffer;
  readonly isDump = false;

  /**
   * @param exchanges - Those of the requests.
   * @param acknowledged - Those of them that the kernel acknowledges; of the others only a refusal comes.
   * @param begin - That of the message before them, which is answered only if the kernel refuses the whole.
   * @param end - The message behind them.
   */
  constructor(
    private readonly exchanges: readonly Exchange[],
    private readonly acknowledged: readonly Exchange[],
    private readonly begin?: Exchange,
    end?: Exchange,
  ) {
    const all = [begin, ...exchanges, end].filter((exchange) => exchange !== undefined);
    this.request = Buffer.concat(all.map(({ request }) => request));
  }

  get done(): boolean {
    return this.begin?.error !== undefined || this.acknowledged.every(({ done }) => done);
  }

  receive(message: NetlinkMessage): void {
    this.begin?.receive(message);
    for (const exchange of this.exchanges) exchange.receive(message);
  }

  check(): void {
    this.begin?.check();
    const errors = this.exchanges.map(({ error }) => error);
    const first = errors.find((error) => error !== undefined);
    if (first === undefined) return;
    first.message += `, request ${errors.indexOf(first)} of the batch`;
    const refused: BatchError = Object.assign(first, { errors });
    throw refused;
  }
}
