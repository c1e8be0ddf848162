import { env, pid } from 'node:process';
import { native, osError } from '@bsd-sockets/core-native';

/** A descriptor that the service manager has passed. */
export interface ListenFd {
  fd: number;
  /** FileDescriptorName= of the socket's unit, or the name under which it was stored; `'unknown'` if none was told. */
  name: string;
}

/** The first that is passed. */
const SD_LISTEN_FDS_START = 3;

/**
 * The descriptors that the service manager has passed: its sockets for activation, and those that it has kept. Child processes
 * do not inherit them any more. They are yours: `server.listen({ fd })`, `new Socket({ fileno: fd })`.
 *
 * @param unsetEnvironment - Whether the variables are deleted, so that neither a second call nor a child process sees them.
 * @returns The descriptors; none if they were passed to another process, or none were.
 * @throws {@link OSError}: EBADF if one is not open.
 *
 * Source: sd_listen_fds_with_names(3)
 */
export function listenFds(unsetEnvironment = false): ListenFd[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES } = env;
  if (unsetEnvironment) for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (LISTEN_PID !== `${pid}` || !/^\d+$/.test(LISTEN_FDS)) return [];
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => {
    const fd = SD_LISTEN_FDS_START + index;
    const result = native.setInheritable(fd, 0);
    if (result < 0) throw osError(result, { syscall: 'fcntl', hint: `descriptor ${fd} of LISTEN_FDS=${LISTEN_FDS}` });
    return { fd, name: names[index] || 'unknown' };
  });
}
