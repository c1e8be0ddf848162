// What was tried, in numbers: for the terminal, and for docs/faults.md.
import { calls, faces, trialsOf } from './calls.mjs';

/** The calls side by side in one table. */
const GROUPS = {
  'What opens, connects and closes': words('socket socketpair accept4 connect bind listen fcntl close epoll_create1'),
  'What sends and receives': words('sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg sendfile lseek'),
  'What asks, changes and waits': words(
    'shutdown getsockname getpeername getsockopt setsockopt ioctl uname ppoll epoll_ctl epoll_wait',
  ),
};
const BEGIN = '<!-- what follows is written by node faults/run.mjs --write -->';
const END = '<!-- end -->';

function words(text) {
  return text.split(' ');
}

/** Lines of a Markdown table, whose columns are aligned in a terminal too. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length), 3));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(rows[0]), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.slice(1).map(line)];
}

/** How often an error was injected into a call, and how often it did not end well. */
function cell(results, call, error) {
  const tried = results.filter(({ trial }) => trial?.call === call && trial.error === error);
  const failed = tried.filter(({ wrong }) => wrong.length > 0).length;
  return failed > 0 ? `${tried.length} (${failed} failed)` : `${tried.length || ''}`;
}

/** The tables of call and error. */
export function tables(results) {
  const missing = Object.keys(calls).filter((call) => !Object.values(GROUPS).flat().includes(call));
  if (missing.length > 0) throw new Error(`in no group: ${missing}`);
  return Object.entries(GROUPS)
    .flatMap(([title, group]) => {
      const errors = new Set(results.flatMap(({ trial }) => (group.includes(trial?.call) ? [trial.error] : [])));
      if (errors.size === 0) return [];
      const rows = [...errors].sort().map((error) => [error, ...group.map((call) => cell(results, call, error))]);
      return `${title}:\n\n${table([['', ...group], ...rows]).join('\n')}`;
    })
    .join('\n\n');
}

/** How many trials there were of each program, and how much they tried. */
function programTable(results) {
  const rows = new Map();
  for (const { program, tried } of results.filter(({ program }) => program)) {
    const name = program.replace('programs/', '');
    const [trials, all] = rows.get(name) ?? [0, 0];
    rows.set(name, [trials + 1, all + tried]);
  }
  const lines = [...rows].sort().map(([name, numbers]) => [name, ...numbers.map(String)]);
  return table([['program', 'trials', 'with so many tries'], ...lines]).join('\n');
}

/** The page with the numbers of these results. */
export function page(text, results) {
  const injected = faces.flatMap(trialsOf).map((trial) => ({ trial, wrong: [] }));
  const numbers = [
    `${injected.length} injections into ${Object.keys(calls).length} system calls:`,
    tables(injected),
    'Programs:',
    programTable(results),
  ].join('\n\n');
  return `${text.slice(0, text.indexOf(BEGIN) + BEGIN.length)}\n\n${numbers}\n\n${text.slice(text.indexOf(END))}`;
}
