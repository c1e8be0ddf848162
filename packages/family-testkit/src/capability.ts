import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { probe } from '@bsd-sockets/socket';

/** What a test needs of its host. */
export interface Need {
  /** Whether the host has it. */
  available: boolean;
  /** For the title of the test that is skipped: what is missing, why, and what to do about it. Empty if nothing is. */
  reason: string;
}

/**
 * Asks `probe` whether this host's kernel opens a kind of socket, anew each time.
 *
 * ```ts
 * const can = capability('AF_CAN', 'SOCK_RAW', 'CAN_RAW');
 * describe.skipIf(!can.available)(`CAN frames ${can.reason}`, () => { … });
 * ```
 *
 * In the kernel lab, where `BSD_SOCKETS_LAB` is set, nothing may be missing: there it throws, and the test file fails.
 *
 * @param family - The family's constant, such as `AF_CAN`.
 * @param type - The type's constant, such as `SOCK_RAW`.
 * @param proto - As in the row of `probe`, the protocol's constant, or `''` (the default) for the family's usual one.
 * @returns Whether the socket opens, and why not.
 * @throws Error if `probe` has no such row, or in the lab if the kernel does not have it.
 */
export function capability(family: string, type: string, proto = ''): Need {
  const name = [family, type, proto].join(' ').trim();
  const row = probe().find((row) => row.family === family && row.type === type && row.proto === proto);
  if (row === undefined) throw new Error(`probe() has no row ${name}`);
  return need(row.available, `${name}${row.error ? `, ${row.error.code}` : ''}: ${row.advice}`);
}

/**
 * Looks for a program that a test talks to, such as `candump`, along PATH. In the kernel lab it throws where it is missing.
 *
 * @param name - The program's file name.
 * @param package_ - The Debian package that has it.
 * @returns Whether it is there, and what to install if not.
 * @throws Error in the lab, if it is missing.
 */
export function program(name: string, package_: string): Need {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.some((folder) => isProgram(join(folder, name)) || isProgram(join(folder, `${name}.exe`)));
  return need(found, `${name}: apt-get install ${package_}`);
}

/**
 * Any other need of a test, such as a loopback. In the kernel lab it throws where it is missing.
 *
 * @param available - Whether the host has it.
 * @param missing - What is missing and what to do about it, as in `the loopback of AF_VSOCK: modprobe vsock_loopback`.
 * @returns The need.
 * @throws Error in the lab, if it is missing.
 */
export function need(available: boolean, missing: string): Need {
  if (available) return { available, reason: '' };
  if (process.env.BSD_SOCKETS_LAB) throw new Error(`missing in the kernel lab: ${missing}`);
  return { available, reason: `(needs ${missing})` };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
