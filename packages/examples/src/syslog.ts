// Sends a message to the syslog daemon, as logger(1) does.
// usage: syslog.js [-p FACILITY.SEVERITY] [-t TAG] [-u SOCKET] [--rfc5424] MESSAGE
import { hostname, userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { AF_UNIX, SOCK_DGRAM, Socket } from '@bsd-sockets/socket';

const FACILITIES =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console solaris-cron ' +
  'local0 local1 local2 local3 local4 local5 local6 local7';
const SEVERITIES = 'emerg alert crit err warning notice info debug';
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec';

function numberOf(name: string | undefined, names: string): number {
  const number = names.split(' ').indexOf(name ?? '');
  if (number < 0) throw new RangeError(`${name} is none of: ${names}`);
  return number;
}

/** `user.notice` as a number. */
function priorityOf(name: string): number {
  const [facility, severity] = name.split('.');
  return numberOf(facility, FACILITIES) * 8 + numberOf(severity, SEVERITIES);
}

/** The line that daemons expect at their local socket: RFC 3164 without the host. */
function rfc3164(priority: number, tag: string, message: string, now = new Date()): string {
  const day = `${now.getDate()}`.padStart(2);
  const date = `${MONTHS.split(' ')[now.getMonth()]} ${day} ${now.toTimeString().slice(0, 8)}`;
  return `<${priority}>${date} ${tag}[${process.pid}]: ${message}`;
}

/** The newer one: with the year, the time zone and the host. */
function rfc5424(priority: number, tag: string, message: string, now = new Date()): string {
  const field = (text: string, most: number) => text.replace(/[^!-~]/g, '_').slice(0, most) || '-';
  const [host, app] = [field(hostname(), 255), field(tag, 48)];
  return `<${priority}>1 ${now.toISOString()} ${host} ${app} ${process.pid} - - ${message}`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    priority: { type: 'string', short: 'p', default: 'user.notice' },
    tag: { type: 'string', short: 't', default: userInfo().username },
    socket: { type: 'string', short: 'u', default: '/dev/log' },
    rfc5424: { type: 'boolean', default: false },
  },
});
const format = values.rfc5424 ? rfc5424 : rfc3164;
const line = format(priorityOf(values.priority), values.tag, positionals.join(' '));

// Without a connection: a program that runs for long finds the daemon again after that has been restarted.
using s = new Socket(AF_UNIX, SOCK_DGRAM);
s.settimeout(5); // a daemon that hangs should not hang us
s.sendto(Buffer.from(line), values.socket);
