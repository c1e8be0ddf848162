// A service that tells its manager how it is, as sd_notify(3) does: for a unit with Type=notify, and with WatchdogSec= if
// the manager should notice when it hangs.
// usage: sd-notify.js
import { AF_UNIX, SOCK_DGRAM, Socket } from '@bsd-sockets/socket/promises';

/** Sends variables such as READY=1 to the service manager; false if there is none. */
async function notify(state: Record<string, string | number>): Promise<boolean> {
  const { NOTIFY_SOCKET } = process.env;
  if (!NOTIFY_SOCKET) return false;
  const lines = Object.entries(state).map(([name, value]) => `${name}=${value}`);
  if (lines.some((line) => line.includes('\n'))) throw new RangeError('a value of the state has more than one line');
  using s = new Socket(AF_UNIX, SOCK_DGRAM);
  await s.sendto(Buffer.from(lines.join('\n')), NOTIFY_SOCKET.replace(/^@/, '\0')); // @ stands for an abstract name
  return true;
}

/** How often the manager wants to hear of this process, in milliseconds; undefined if never. */
function watchdogInterval(): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID = process.pid } = process.env;
  return Number(WATCHDOG_PID) === process.pid && Number(WATCHDOG_USEC) > 0 ? Number(WATCHDOG_USEC) / 1000 : undefined;
}

let jobs = 0;
const work = setInterval(() => void notify({ STATUS: `${++jobs} jobs done` }).catch(console.error), 1000);
const interval = watchdogInterval();
// At half the time, so that a late one does no harm.
const watchdog = interval && setInterval(() => void notify({ WATCHDOG: 1 }).catch(console.error), interval / 2);

process.once('SIGTERM', async () => {
  clearInterval(work);
  clearInterval(watchdog);
  await notify({ STOPPING: 1, STATUS: 'Going down' });
});

const managed = await notify({ READY: 1, MAINPID: process.pid, STATUS: 'Waiting for jobs' });
console.log(managed ? 'Ready, and the manager knows' : 'Ready, without a manager: NOTIFY_SOCKET is not set');
