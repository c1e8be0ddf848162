import { arch, release } from 'node:os';
import { addonPath } from '@bsd-sockets/core-native';
import { type Capability, probe } from './probe';

/**
 * What a report of a bug should say of its host: the versions, where the addon lies, and the rows of {@link probe}. The
 * command `bsd-sockets-probe` prints it.
 *
 * @returns Lines of text, a table among them.
 */
export function probeReport(): string {
  const host = [
    ['Node', process.version],
    ['kernel', release()],
    ['platform', `${process.platform} ${arch()}`],
    ['libc', libc()],
    ['addon', addonPath ?? 'none'],
  ];
  const rows = probe().map(({ family, type, proto, available, error, advice }: Capability) => {
    return [family, type, proto, available ? 'yes' : `no${error ? `: ${error.code}` : ''}`, advice ?? ''];
  });
  return [...table(host), '', ...table([['family', 'type', 'protocol', 'opens', 'what to do'], ...rows])].join('\n');
}

function libc(): string {
  if (process.platform !== 'linux') return "the system's";
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'not glibc (musl?)';
}

function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
