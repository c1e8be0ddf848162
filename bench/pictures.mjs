// Draws the pictures of bench/README.md: what a receive takes by the size of the message, and what a connection takes by their number.
// Usage: node bench/pictures.mjs ROWS.json GROWTH.json [FOLDER], of `bench/run.mjs --json` and `bench/growth.mjs --json`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 60;
const RIGHT = 170;
const TOP = 40;
const BOTTOM = 50;
const STEPS = 5;
/** Names of lines are so far apart. */
const LINE_HEIGHT = 14;
const COLOURS = ['#3366cc', '#cc5533', '#338855', '#8855aa'];
const STYLE = `<style>
  text { font: 12px sans-serif; fill: #222 }
  .title { font-size: 14px }
  .middle { text-anchor: middle }
  .end { text-anchor: end }
  .grid { stroke: #ccc; fill: none }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) { text { fill: #ddd } .grid { stroke: #444 } }
</style>`;

/** A step of the axis: 1, 2 or 5 with zeros. */
function niceStep(most) {
  const least = most / STEPS;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].find((factor) => factor * power >= least) * power;
}

/** A chart of lines, by name a list of points [x, y]; x on a scale of logarithms. */
function chart(title, xTitle, series) {
  const points = Object.values(series).flat();
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const step = niceStep(Math.max(...points.map(([, y]) => y)));
  const top = step * Math.ceil(Math.max(...points.map(([, y]) => y)) / step);
  const [least, most] = [Math.log(xs[0]), Math.log(xs.at(-1))];
  const xOf = (x) => LEFT + ((Math.log(x) - least) / (most - least)) * (WIDTH - LEFT - RIGHT);
  const yOf = (y) => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM);
  const at = ([x, y]) => `${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`;
  const text = (x, y, words, kind) => `<text class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}">${words}</text>`;
  const size = (x) => (x >= 2 ** 20 ? `${x / 2 ** 20}M` : x % 1024 === 0 ? `${x / 1024}K` : `${x}`);

  const grid = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step).map(
    (y) =>
      `<path class="grid" d="M${LEFT} ${yOf(y).toFixed(1)}H${WIDTH - RIGHT}"/>` +
      text(LEFT - 8, yOf(y) + 4, Number(y.toFixed(6)), 'end'),
  );
  const scale = xs.map((x) => text(xOf(x), HEIGHT - BOTTOM + 18, size(x), 'middle'));
  const lines = Object.entries(series).map(([name, points], index) => {
    return { name, points, colour: COLOURS[index], end: yOf(points.at(-1)[1]) };
  });
  let free = 0;
  for (const line of lines.toSorted((one, other) => one.end - other.end)) {
    line.end = Math.max(line.end, free);
    free = line.end + LINE_HEIGHT;
  }
  const drawn = lines.map(({ name, points, colour, end }) =>
    [
      `<path class="line" stroke="${colour}" d="M${points.map(at).join('L')}"/>`,
      ...points.map(([x, y]) => `<circle cx="${xOf(x).toFixed(1)}" cy="${yOf(y).toFixed(1)}" r="3" fill="${colour}"/>`),
      `<text style="fill: ${colour}" x="${WIDTH - RIGHT + 8}" y="${(end + 4).toFixed(1)}">${name}</text>`,
    ].join('\n'),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
${STYLE}
${text(LEFT, 20, title, 'title')}
${[...grid, ...scale, ...drawn].join('\n')}
${text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, xTitle, 'middle')}
</svg>
`;
}

/** The ratios of the cases `recv-message-SIZE`. */
function receivePicture(rows) {
  const points = rows
    .filter(({ peer }) => peer === 'c')
    .map(({ case: name, ratio }) => [Number(/^recv-message-(\d+)$/.exec(name)?.[1]), ratio])
    .filter(([size]) => size > 0)
    .sort(([one], [other]) => one - other);
  return chart('A send and a receive that asks for 1 MiB: our time over that of C', 'bytes of the message', {
    'recv, beside C': points,
  });
}

/** Below, the pages that a process gets at once are more than what a connection takes. */
const FEWEST = 1000;

function growthPicture(rows) {
  const line = (server, key) =>
    rows
      .filter((row) => row.server === server && row.connections >= FEWEST)
      .map((row) => [row.connections, row[key] / 1024]);
  return chart('Resident memory of a connection, in KiB', 'connections', {
    'ours, idle': line('ours', 'idleBytes'),
    'node:net, idle': line('node-net', 'idleBytes'),
    'ours, has received': line('ours', 'receivedBytes'),
    'node:net, has received': line('node-net', 'receivedBytes'),
  });
}

const [, , rows, growth, folder = import.meta.dirname] = process.argv;
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const write = (name, text) => writeFileSync(join(folder, name), text);
write('receive.svg', receivePicture(read(rows)));
write('growth.svg', growthPicture(read(growth)));
