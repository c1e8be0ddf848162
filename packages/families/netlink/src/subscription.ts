import type { NetlinkMessage } from './message';
import type { NetlinkEvents } from './request';

/** What one watch of a connection has received and not yet handed out. */
export class Subscription<Event> {
  readonly groups: ReadonlySet<number>;
  private readonly received: { message: NetlinkMessage; group: number }[] = [];

  constructor(private readonly events: readonly NetlinkEvents<Event>[]) {
    this.groups = new Set(events.flatMap(({ groups }) => groups));
  }

  receive(message: NetlinkMessage, group: number): void {
    if (this.groups.has(group)) this.received.push({ message, group });
  }

  /** The next event; undefined if there is none yet. */
  take(): Event | undefined {
    for (let entry = this.received.shift(); entry; entry = this.received.shift()) {
      const { message, group } = entry;
      for (const events of this.events) {
        const event = events.groups.includes(group) ? events.decode(message) : undefined;
        if (event !== undefined) return event;
      }
    }
    return undefined;
  }
}
