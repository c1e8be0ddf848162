import { strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import pg from 'pg';
import { giveToPlainUser, plainUser, run, start } from '../harness/programs.mjs';

const ROWS = 200_000;

export const cases = [
  {
    client: 'pg, unix',
    does: `SELECT of ${ROWS} rows, 200 prepared queries one by one; PostgreSQL`,
    async prepare({ folder, defer }) {
      giveToPlainUser(folder);
      const options = { user: plainUser, cwd: folder };
      const data = join(folder, 'data');
      await run('initdb', ['-D', data, '-U', 'test', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'], options);
      const path = join(folder, '.s.PGSQL.5432');
      const settings = ['fsync=off', 'max_connections=10', 'listen_addresses=', `unix_socket_directories=${folder}`];
      const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
      const ready = () =>
        run('pg_isready', ['-q', '-h', folder], options).then(
          () => true,
          () => false,
        );
      defer(await start('postgres', args, { ready, ...options }));

      return async (way) => {
        const client = new pg.Client({
          host: folder,
          user: 'test',
          database: 'postgres',
          stream: () => way.stream({ path }),
        });
        await client.connect();
        const { rows } = await client.query(
          `SELECT i, i * 2 AS double, md5(i::text) FROM generate_series(1, ${ROWS}) AS i`,
        );
        strictEqual(rows.length, ROWS);
        strictEqual(rows.at(-1).double, 2 * ROWS);
        for (let number = 0; number < 200; number++) {
          const answer = await client.query({ name: 'add', text: 'SELECT $1::int + 1 AS sum', values: [number] });
          strictEqual(answer.rows[0].sum, number + 1);
        }
        await client.end();
      };
    },
  },
];
