import { strictEqual } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { freePort, listens, run, start } from '../harness/programs.mjs';

const EXEC_MB = 50;
const FILE_MB = 10;

async function startDaemon({ folder, defer }) {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'user')]);
  // Where root starts it, it wants this folder of Debian's.
  if (process.getuid() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const host = '127.0.0.1';
  const port = await freePort();
  const lines = [
    `ListenAddress ${host}:${port}`,
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'user.pub')}`,
    'PidFile none',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    `Subsystem sftp internal-sftp`,
  ];
  writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  // It starts itself again for each connection, by its whole path.
  const args = ['-D', '-e', '-f', join(folder, 'sshd_config')];
  defer(await start('sshd', args, { ready: listens({ host, port }) }));
  return { address: { host, port }, privateKey: readFileSync(join(folder, 'user')) };
}

/** Runs `use` with a client that is logged in. */
async function withClient(way, { address, privateKey }, use) {
  const client = new ssh2.Client();
  client.connect({ sock: way.connect(address), username: userInfo().username, privateKey });
  await once(client, 'ready');
  await use(client);
  client.end();
  await once(client, 'close');
}

export const cases = [
  {
    client: 'ssh2, exec',
    does: `${EXEC_MB} MB of a command's output; sshd`,
    async prepare(surroundings) {
      const daemon = await startDaemon(surroundings);
      return (way) =>
        withClient(way, daemon, async (client) => {
          const stream = await promisify(client.exec).call(client, `head -c ${EXEC_MB}000000 /dev/zero; exit 3`);
          let length = 0;
          stream.on('data', (data) => {
            length += data.length;
          });
          stream.stderr.resume();
          const [code] = await once(stream, 'close');
          strictEqual(code, 3);
          strictEqual(length, EXEC_MB * 1e6);
        });
    },
  },
  {
    client: 'ssh2, sftp',
    does: `a file of ${FILE_MB} MB there and back; sshd`,
    async prepare(surroundings) {
      const daemon = await startDaemon(surroundings);
      const [file, remote, back] = ['file', 'remote', 'back'].map((name) => join(surroundings.folder, name));
      writeFileSync(file, randomBytes(FILE_MB * 1e6));
      return (way) =>
        withClient(way, daemon, async (client) => {
          const sftp = await promisify(client.sftp).call(client);
          await promisify(sftp.fastPut).call(sftp, file, remote);
          await promisify(sftp.fastGet).call(sftp, remote, back);
          strictEqual(readFileSync(back).equals(readFileSync(file)), true);
          sftp.end();
        });
    },
  },
];
