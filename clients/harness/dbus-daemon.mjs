import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listens, start } from './programs.mjs';

/**
 * Starts a bus of one's own.
 *
 * @param surroundings - `folder` and `defer` of a case.
 * @returns Where it listens: `path`, and `abstract`, a name without its leading NUL.
 */
export async function startDbusDaemon({ folder, defer }) {
  const path = join(folder, 'bus.sock');
  const abstract = `${path}-abstract`;
  const file = join(folder, 'bus.conf');
  const policy = '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>';
  writeFileSync(
    file,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=${path}</listen><listen>unix:abstract=${abstract}</listen>
<auth>EXTERNAL</auth><policy context="default">${policy}</policy></busconfig>\n`,
  );
  defer(await start('dbus-daemon', [`--config-file=${file}`, '--nofork'], { ready: listens({ path }) }));
  return { path, abstract };
}
