import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addonPath } from '@bsd-sockets/core-native';

/**
 * What a program does on another platform, as far as that depends on the constants: a process runs it with an addon that
 * does not have some, or has more.
 *
 * @param folder - From where the program finds packages.
 * @param program - An ECMAScript module that prints JSON.
 * @param missing - The names that are missing; null for none.
 * @param added - The names that are there besides, and their numbers.
 * @param structures - The structures that lie otherwise, as in `native.layout`.
 * @returns What it printed.
 * @throws Error if it fails, with what it said.
 */
export function runWithConstants(
  folder: string,
  program: string,
  missing: RegExp | null,
  added: Readonly<Record<string, number>> = {},
  structures: object = {},
): any {
  const directory = mkdtempSync(join(tmpdir(), 'family-testkit-'));
  try {
    const addon = join(directory, 'addon.cjs');
    writeFileSync(
      addon,
      `const addon = require(${JSON.stringify(addonPath)});
      const kept = Object.entries(addon.constants).filter(([name]) => !${missing}?.test(name));
      module.exports = {
        ...addon,
        constants: { ...Object.fromEntries(kept), ...${JSON.stringify(added)} },
        layout: { ...addon.layout, ...${JSON.stringify(structures)} },
      };`,
    );
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: folder,
      env: { ...process.env, BSD_SOCKETS_ADDON: addon },
      encoding: 'utf8',
    });
    return JSON.parse(output);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
