import { integer } from '@bsd-sockets/core-native';
import { AF_UNIX, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';

const JOURNAL = '/run/systemd/journal/socket';
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** A message whose parts are joined by blanks. */
export type Log = (...parts: unknown[]) => void;

/**
 * Writes a message to systemd's journal. Without one it goes to standard error.
 *
 * @param level - How urgent it is, from 0 (emergency) to 7 (debug).
 * @param parts - Its parts, which are joined by blanks.
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) for the level.
 *
 * Source: sd_journal_print(3); systemd's Native Journal Protocol
 */
export function journalPrint(level: number, ...parts: unknown[]): void {
  integer('level', level, 0, LEVELS.length - 1);
  const message = Buffer.from(parts.join(' '));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length));
  // By its length, for it may have lines.
  const entry = [`PRIORITY=${level}\nMESSAGE\n`, length, message, '\n'].map((part) => Buffer.from(part as string));
  try {
    using socket = new Socket(AF_UNIX, SOCK_DGRAM);
    socket.setblocking(false);
    socket.sendmsg(entry, [], 0, JOURNAL);
  } catch {
    // As systemd understands it where standard error leads to the journal, line by line: sd-daemon(3).
    process.stderr.write(`${message.toString().replace(/^|\n/g, `$&<${level}>`)}\n`);
  }
}

const log = Object.fromEntries(LEVELS.map((name, level) => [name, journalPrint.bind(null, level)]));
log.emergency = log.emerg!;
log.critical = log.crit!;
log.error = log.err!;
log.warn = log.warning!;

/** {@link journalPrint} for each level, by its name. */
const logs = log as Record<(typeof LEVELS)[number] | 'emergency' | 'critical' | 'error' | 'warn', Log>;

export { logs as log };
