import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import {
  AF_UNIX,
  CMSG_SPACE,
  options,
  ScmCredentials,
  ScmRights,
  SOCK_DGRAM,
  Socket,
} from '@bsd-sockets/socket/promises';
import { run } from '../harness/programs.mjs';

export const cases = [
  {
    client: 'systemd-notify',
    does: 'say that a service is ready, with credentials, and wait until the descriptor that follows is closed',
    node: false,
    async prepare({ folder, defer }) {
      const path = join(folder, 'notify.sock');
      const socket = new Socket(AF_UNIX, SOCK_DGRAM);
      defer(() => socket.close());
      socket.bind(path);
      socket.setOption(options.SO_PASSCRED, true);
      const space = CMSG_SPACE(12) + CMSG_SPACE(4);

      return async () => {
        const env = { ...process.env, NOTIFY_SOCKET: path };
        const notified = run('systemd-notify', ['--ready', '--status=Waiting', `--pid=${process.pid}`], { env });
        const [state, credentials] = await socket.recvmsg(4096, space);
        deepStrictEqual(state.toString().split('\n'), ['READY=1', 'STATUS=Waiting', `MAINPID=${process.pid}`]);
        strictEqual(ScmCredentials.decode(credentials).uid, process.getuid());

        const [barrier, rights] = await socket.recvmsg(4096, space);
        strictEqual(barrier.toString(), 'BARRIER=1');
        const [descriptor] = ScmRights.decode(rights);
        closeSync(descriptor);
        await notified;
      };
    },
  },
];
