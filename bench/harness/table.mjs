import { figuresOf } from './cases.mjs';

const TITLES = ['case', 'peer', 'ratio', 'low–high', 'rounds', 'target'];

/** Whether a row meets a target. */
export function verdict(row, target) {
  if (row === undefined) return 'not measured';
  return row.ratio <= target ? 'met' : 'not met';
}

/** The lines of the table: one can be printed before the next is known. */
export class Table {
  #widths;
  #begun = false;

  constructor(cases) {
    const longest = (texts) => Math.max(...texts.map((text) => text.length));
    this.#widths = [
      longest([TITLES[0], ...cases.flatMap(figuresOf).map(({ name }) => name)]),
      longest([TITLES[1], ...cases.flatMap(({ peers }) => Object.keys(peers))]),
      5,
      9,
      6,
    ];
  }

  /** The line of a row, after the titles if it is the first. */
  line(row, target) {
    const line = this.#join([
      row.case,
      row.peer,
      row.ratio.toFixed(2),
      `${row.low.toFixed(2)}–${row.high.toFixed(2)}`,
      `${row.rounds}`,
      target === undefined ? '' : `${target.toFixed(2)} ${verdict(row, target)}`,
    ]);
    if (this.#begun) return line;
    this.#begun = true;
    return `${this.#join(TITLES)}\n${line}`;
  }

  #join(cells) {
    return cells
      .map((cell, column) => cell.padEnd(this.#widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  }
}
