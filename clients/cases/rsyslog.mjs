import { strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AF_UNIX, SOCK_DGRAM, Socket } from '@bsd-sockets/socket/promises';
import { start } from '../harness/programs.mjs';

const MESSAGES = 5000;

export const cases = [
  {
    client: 'rsyslog, imuxsock',
    does: `${MESSAGES} messages of a datagram socket reach its file; rsyslogd`,
    node: false,
    async prepare({ folder, defer }) {
      const path = join(folder, 'log.sock');
      const log = join(folder, 'log');
      const lines = [
        `global(workDirectory="${folder}")`,
        'module(load="imuxsock" SysSock.Use="off")',
        `input(type="imuxsock" Socket="${path}" CreatePath="off" RateLimit.Interval="0")`,
        'template(name="message" type="string" string="%syslogtag%%msg%\\n")',
        `*.* action(type="omfile" file="${log}" template="message")`,
      ];
      writeFileSync(join(folder, 'rsyslog.conf'), `${lines.join('\n')}\n`);
      const args = ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')];
      defer(await start('rsyslogd', args, { ready: () => existsSync(path) }));

      const written = () => {
        try {
          return readFileSync(log, 'utf8').split('\n').slice(0, -1);
        } catch {
          return []; // before the first message
        }
      };
      return async () => {
        const before = written().length;
        const socket = new Socket(AF_UNIX, SOCK_DGRAM);
        await socket.connect(path);
        for (let number = 0; number < MESSAGES; number++) {
          // Facility user, severity notice.
          await socket.send(Buffer.from(`<13>Nov 28 10:00:00 clients: message ${number}`));
        }
        socket.close();
        while (written().length < before + MESSAGES) await delay(5);
        written()
          .slice(before)
          .forEach((line, number) => void strictEqual(line, `clients: message ${number}`));
      };
    },
  },
];
