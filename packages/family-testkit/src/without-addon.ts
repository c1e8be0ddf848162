import { spawnSync } from 'node:child_process';

/** No such file: without the addon every constant is undefined, as a family's own are on a platform that does not have it. */
const NOWHERE = '/no/such/addon';

/**
 * What a family's package does where its constants are undefined: a process imports it without the addon and uses it.
 *
 * @param folder - From where the package is found.
 * @param library - The package's name.
 * @param constant - The name of the family's constant.
 * @param uses - Expressions over `family` (what the package exports) and `Socket`, each of which should throw.
 * @returns The constant as text, the messages that differ, and standard error. A use that throws nothing gives null as
 *   its message.
 */
export function useWithoutAddon(
  folder: string,
  library: string,
  constant: string,
  uses: readonly string[],
): { constant: string; messages: (string | null)[]; stderr: string } {
  const program = `
    const family = require('${library}');
    const { Socket } = require('@bsd-sockets/socket');
    const uses = [${uses.map((use) => `() => ${use}`).join(', ')}];
    const messages = uses.map((use) => { try { use(); } catch (error) { return error.message; } });
    console.log(JSON.stringify({ constant: String(family.${constant}), messages: [...new Set(messages)] }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: folder,
    env: { ...process.env, BSD_SOCKETS_ADDON: NOWHERE },
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return { ...JSON.parse(stdout), stderr };
}
