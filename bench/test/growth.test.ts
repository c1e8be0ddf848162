import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'growth-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string, ...args: string[]): void {
  execFileSync(process.execPath, [fileURLToPath(new URL(`../${program}`, import.meta.url)), ...args]);
}

const noCompiler = spawnSync('cc', ['--version']).status === 0 ? '' : ' (needs cc)';

test.skipIf(noCompiler)(
  `growth is measured of each server and number, and drawn${noCompiler}`,
  {
    timeout: 120_000,
  },
  () => {
    const [rows, growth] = [join(folder, 'rows.json'), join(folder, 'growth.json')];
    run('growth.mjs', '--json', growth, '1000', '1100');
    const measured: Record<string, number | string>[] = JSON.parse(readFileSync(growth, 'utf8'));
    expect(measured.map(({ server, connections }) => [server, connections])).toEqual(
      [1000, 1100].flatMap((count) => ['ours', 'node-net', 'c-epoll'].map((server) => [server, count])),
    );
    for (const { acceptMicroseconds, echoMicroseconds, goneMilliseconds, server, idleBytes } of measured) {
      for (const time of [acceptMicroseconds, echoMicroseconds, goneMilliseconds]) expect(time).toBeGreaterThan(0);
      if (server !== 'c-epoll') expect(idleBytes).toBeGreaterThan(500);
    }

    writeFileSync(
      rows,
      JSON.stringify(
        [1, 1024, 2 ** 20].flatMap((size) =>
          ['c', 'before'].map((peer) => ({ case: `recv-message-${size}`, peer, ratio: 1.5 })),
        ),
      ),
    );
    run('pictures.mjs', rows, growth, folder);
    for (const [name, points] of [
      ['receive', 3],
      ['growth', 8],
    ] as const) {
      const picture = readFileSync(join(folder, `${name}.svg`), 'utf8');
      expect(picture.match(/<circle /g)).toHaveLength(points);
      expect(picture).not.toContain('NaN');
    }
  },
);
